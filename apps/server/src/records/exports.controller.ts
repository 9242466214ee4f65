import type { Principal } from '@envarium/access';
import { digestOf } from '@envarium/oci';
import { ExportsService } from '@envarium/records';
import { ExportFormat, ExportQuery } from '@envarium/schema';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

@ApiTags('versions')
@ApiBearerAuth()
@Controller('api/v1/versions/:version/export')
@Requires('public')
export class ExportsController {
  constructor(private readonly exports: ExportsService) {}

  @Get(':format')
  @ApiOperation({
    summary:
      'The environment as a bill of materials (CycloneDX 1.6, SPDX 2.3), or as a lock file that can be installed from',
    description:
      'Lock files (pip with --require-hashes, conda @EXPLICIT, renv.lock, package-lock.json) are given only where every ' +
      'package has an exact version and a hash or an address; else EXPORT_REFUSED says why, with the first offenders.',
  })
  @ApiParam({ name: 'format', enum: ExportFormat.options })
  @ApiProduces('application/vnd.cyclonedx+json', 'application/spdx+json', 'application/json', 'text/plain')
  async export(
    @Caller() caller: Principal,
    @Param('version') version: string,
    @Param('format', { schema: ExportFormat }) format: ExportFormat,
    @Query({ schema: ExportQuery }) query: ExportQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { bytes, mediaType, fileName } = await this.exports.export(caller, version, format, query);
    // Deposited bytes are never shown as a page of ours.
    void reply.headers({
      'Content-Type': mediaType,
      'Content-Disposition': `attachment; filename="${fileName}"`,
      'X-Content-Type-Options': 'nosniff',
      ETag: `"${digestOf(bytes)}"`,
    });
    return bytes;
  }
}
