import { ANONYMOUS } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { DiffService } from '@envarium/questions';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Requires } from '../http/permission.js';
import { DiffPage } from './diff-page.js';
import { sendPage } from './send-page.js';

const Field = z.string().max(300).optional();
/** A form sends every field, also those left empty. */
const DiffFields = z.object({ from: Field, to: Field });

@ApiExcludeController()
@Controller('diff')
@Requires('public')
export class DiffPageController {
  constructor(private readonly diffs: DiffService) {}

  @Get()
  async answer(
    @Query({ schema: DiffFields }) text: z.infer<typeof DiffFields>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [from, to] = [text.from?.trim() || null, text.to?.trim() || null];
    if (from === null && to === null) return sendPage(reply, 200, DiffPage({ text }));
    if (from === null || to === null) return sendPage(reply, 400, DiffPage({ text, problem: 'Name two versions.' }));
    try {
      sendPage(reply, 200, DiffPage({ text, diff: await this.diffs.diff(ANONYMOUS, from, to) }));
    } catch (error) {
      // What was typed is shown again in its field, beside what is wrong with it.
      if (!(error instanceof ArchiveError) || error.status >= 500) throw error;
      sendPage(reply, error.status, DiffPage({ text, problem: `${error.message}. ${error.remedy ?? ''}`.trim() }));
    }
  }
}
