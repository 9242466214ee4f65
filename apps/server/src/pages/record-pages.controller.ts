import { ANONYMOUS } from '@envarium/access';
import { PointersService } from '@envarium/decay';
import { ArchiveError } from '@envarium/errors';
import { isRecordId, RecordsService, versionReference } from '@envarium/records';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requires } from '../http/permission.js';
import { recordPath, versionPath } from './page-paths.js';
import { RecordPage } from './record-page.js';
import { sendPage } from './send-page.js';
import { VersionViewService } from './version-view.service.js';

const NUMBER = /^[1-9]\d{0,8}$/;

@ApiExcludeController()
@Controller('records')
@Requires('public')
export class RecordPagesController {
  constructor(
    private readonly records: RecordsService,
    private readonly views: VersionViewService,
    private readonly pointers: PointersService,
  ) {}

  /** The newest published version; a repository name leads to the identifier, which survives a renaming. */
  @Get(':id')
  async record(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    if (!isRecordId(id)) return void reply.redirect(await this.pathOf(id), 302);
    await this.send(reply, id);
  }

  @Get(':id/v/:number')
  async version(@Param('id') id: string, @Param('number') number: string, @Res() reply: FastifyReply): Promise<void> {
    if (!NUMBER.test(number))
      throw new ArchiveError('VERSION_UNKNOWN', { reference: `${id}@v${number}`.slice(0, 300) });
    if (!isRecordId(id)) return void reply.redirect(await this.pathOf(`${id}@v${number}`), 302);
    await this.send(reply, `${id}@v${number}`);
  }

  private async send(reply: FastifyReply, reference: string): Promise<void> {
    const view = await this.views.view(reference);
    const pointers = await this.pointers.summary(ANONYMOUS, versionReference(view.version));
    sendPage(reply, 200, RecordPage({ ...view, pointers }));
  }

  private async pathOf(reference: string): Promise<string> {
    if (/@v\d+$/.test(reference)) return versionPath(await this.records.version(ANONYMOUS, reference));
    return recordPath((await this.records.record(ANONYMOUS, reference)).id);
  }
}
