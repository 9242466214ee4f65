import type { Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { RecordsService } from '@envarium/records';
import { ImageArchiveService, RepositoriesService } from '@envarium/registry';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';
import { sendImageArchive } from './send-image-archive.js';

const ArchiveQuery = z.object({
  platform: z.string().max(100).optional().describe('os/architecture[/variant]: only this image of an index'),
});
type ArchiveQuery = z.infer<typeof ArchiveQuery>;

const SUMMARY = 'as one tar for docker load, podman load, skopeo and apptainer (docker-archive and oci-archive)';
const DESCRIPTION =
  'An OCI image layout with the manifest.json of `docker save`. An index comes with all its images; manifest.json then ' +
  'names the only image, or the only one for linux/amd64. The same image gives the same bytes; a broken download goes on with Range.';

/** Images as files to take away. */
@ApiTags('images')
@ApiBearerAuth()
@Controller('api/v1')
@Requires('public')
export class ImagesController {
  constructor(
    private readonly repositories: RepositoriesService,
    private readonly records: RecordsService,
    private readonly archives: ImageArchiveService,
  ) {}

  @Get('repositories/:repository/images/:reference/image.tar')
  @ApiOperation({ summary: `An image ${SUMMARY}`, description: DESCRIPTION })
  @ApiParam({ name: 'repository', description: 'lab/eeg-analysis, with / written as %2F' })
  @ApiParam({ name: 'reference', description: 'tag or digest' })
  @ApiProduces('application/x-tar')
  async image(
    @Caller() caller: Principal,
    @Param('repository') name: string,
    @Param('reference') reference: string,
    @Query({ schema: ArchiveQuery }) query: ArchiveQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.send(caller, { name, reference, ...query }, request, reply);
  }

  @Get('versions/:version/image.tar')
  @ApiOperation({ summary: `The image of a version ${SUMMARY}`, description: DESCRIPTION })
  @ApiProduces('application/x-tar')
  async imageOfVersion(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: ArchiveQuery }) query: ArchiveQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { repository, number, imageDigest } = await this.records.version(caller, version);
    if (imageDigest === null) throw new ArchiveError('NOT_FOUND', { version, what: 'image' });
    await this.send(caller, { name: repository, reference: imageDigest, tag: `v${number}`, ...query }, request, reply);
  }

  private async send(
    caller: Principal,
    image: { name: string; reference: string; tag?: string; platform?: string | undefined },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { name, reference, tag, platform = null } = image;
    const repository = await this.repositories.requireReadable(caller, name);
    const archive = await this.archives.layOut(repository, { reference, platform }, tag);
    const isPublic = caller.kind === 'anonymous';
    await sendImageArchive(request, reply, this.archives, { archive, repository: repository.name, platform, isPublic });
  }
}
