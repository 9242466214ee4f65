import type { Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { parseDigest } from '@envarium/oci';
import { CoverageService, EnvironmentFactsService, RecordsService, versionReference } from '@envarium/records';
import { BlobsService } from '@envarium/registry';
import { EnvironmentCoverage, EnvironmentFacts, EnvironmentManifest } from '@envarium/schema';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';
import { sendVerified } from '../http/verified-body.js';

const ImageQuery = z.object({
  platform: z.string().max(100).optional().describe('as in linux/arm64, of an image index; default: the first'),
});

/** What is known of the environment of a version, and what is not. */
@ApiTags('versions')
@ApiBearerAuth()
@Controller('api/v1/versions/:version')
@Requires('public')
export class CoverageController {
  constructor(
    private readonly records: RecordsService,
    private readonly coverages: CoverageService,
    private readonly facts: EnvironmentFactsService,
    private readonly blobs: BlobsService,
  ) {}

  @Get('coverage')
  @ApiOperation({
    summary: 'What the list of packages rests on: sources read, complete or not, what was not understood',
  })
  @ApiOkResponse({ standardSchema: EnvironmentCoverage })
  async coverage(@Caller() caller: Principal, @Param('version') version: string): Promise<EnvironmentCoverage> {
    const found = await this.records.version(caller, version);
    const coverage = (await this.coverages.of(caller, [found])).get(versionReference(found));
    if (coverage === undefined) throw new ArchiveError('VERSION_UNKNOWN', { reference: version });
    return coverage;
  }

  @Get('environment-facts')
  @ApiOperation({
    summary:
      'What the environment was beside its packages: systems, loaded BLAS and threads, variables that change numbers',
  })
  @ApiOkResponse({ standardSchema: EnvironmentFacts })
  async environmentFacts(@Caller() caller: Principal, @Param('version') version: string): Promise<EnvironmentFacts> {
    const found = await this.records.version(caller, version);
    return (await this.facts.of([found])).get(versionReference(found)) ?? { statements: [], scopes: [] };
  }

  @Get('image-environment')
  @ApiOperation({ summary: 'The environment manifest of what the image itself says: canonical JSON' })
  @ApiOkResponse({ standardSchema: EnvironmentManifest })
  async imageEnvironment(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: ImageQuery }) { platform }: z.infer<typeof ImageQuery>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sources } = await this.coverage(caller, version);
    const source = sources.find((each) => each.kind === 'image' && (platform ?? each.platform) === each.platform);
    if (source?.environmentDigest == null) {
      throw new ArchiveError('NOT_FOUND', { version, what: 'environment manifest of the image', state: source?.state });
    }
    const digest = parseDigest(source.environmentDigest);
    await sendVerified(reply, await this.blobs.open(digest), digest, { 'Content-Type': 'application/json' });
  }
}
