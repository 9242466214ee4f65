import type { Principal } from '@envarium/access';
import type { Page } from '@envarium/database';
import { PointersService } from '@envarium/decay';
import { EnvironmentsService } from '@envarium/environments';
import { ArchiveError } from '@envarium/errors';
import { parseDigest } from '@envarium/oci';
import { RecordsService } from '@envarium/records';
import { BlobsService } from '@envarium/registry';
import {
  EnvironmentManifest,
  HardwareFingerprint,
  PackageHit,
  PageQuery,
  pageSchema,
  UpstreamPointer,
} from '@envarium/schema';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';
import { sendVerified } from '../http/verified-body.js';

const JSON_BODY = { 'Content-Type': 'application/json' };

/** The archived bytes of a version, streamed as they are. */
@ApiTags('versions')
@ApiBearerAuth()
@Controller('api/v1/versions/:version')
@Requires('public')
export class VersionContentController {
  constructor(
    private readonly records: RecordsService,
    private readonly environments: EnvironmentsService,
    private readonly blobs: BlobsService,
    private readonly pointers: PointersService,
  ) {}

  @Get('files/:path')
  @ApiOperation({ summary: 'A package file, byte for byte as deposited (/ in the path written as %2F)' })
  @ApiProduces('application/octet-stream')
  async file(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Param('path') path: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const files = await this.records.packageFiles(caller, version);
    const found = files.find((file) => file.path === path);
    if (found === undefined) throw new ArchiveError('NOT_FOUND', { version, path });
    // Deposited bytes are never shown as a page of ours: they could be HTML that acts in the reader's name.
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Disposition': 'attachment' };
    await this.send(reply, found.digest, headers);
  }

  @Get('environment')
  @ApiOperation({ summary: 'The environment manifest: canonical JSON' })
  @ApiOkResponse({ standardSchema: EnvironmentManifest })
  async environment(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { environment } = await this.records.version(caller, version);
    if (environment === null) throw new ArchiveError('NOT_FOUND', { version, what: 'environment manifest' });
    await this.send(reply, environment.digest, JSON_BODY);
  }

  @Get('hardware')
  @ApiOperation({ summary: 'The hardware fingerprint: canonical JSON' })
  @ApiOkResponse({ standardSchema: HardwareFingerprint })
  async hardware(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { hardware } = await this.records.version(caller, version);
    if (hardware === null) throw new ArchiveError('NOT_FOUND', { version, what: 'hardware fingerprint' });
    await this.send(reply, hardware.digest, JSON_BODY);
  }

  @Get('packages')
  @ApiOperation({ summary: 'Packages that the package files fix, and those that the image itself has' })
  @ApiOkResponse({ standardSchema: pageSchema(PackageHit) })
  async packages(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<PackageHit>> {
    return await this.environments.packages(
      await this.records.version(caller, version),
      query.limit,
      query.cursor ?? null,
    );
  }

  @Get('pointers')
  @ApiOperation({ summary: 'Where the version came from, and whether those places still answer with the same bytes' })
  @ApiOkResponse({ standardSchema: pageSchema(UpstreamPointer) })
  async pointersOf(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<UpstreamPointer>> {
    return await this.pointers.list(caller, version, query.limit, query.cursor ?? null);
  }

  private async send(reply: FastifyReply, text: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const digest = parseDigest(text);
    await sendVerified(reply, await this.blobs.open(digest), digest, headers);
  }
}
