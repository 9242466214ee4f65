import type { Principal } from '@envarium/access';
import { DSSE_ENVELOPE_TYPE } from '@envarium/oci';
import { ProvenanceService } from '@envarium/provenance';
import { ReceiptDetail } from '@envarium/schema';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

@ApiTags('receipts')
@ApiBearerAuth()
@Controller('api/v1/receipts/:id')
@Requires('public')
export class ReceiptsController {
  constructor(private readonly provenance: ProvenanceService) {}

  @Get()
  @ApiOperation({ summary: 'What a rebuild or a re-run gave: computed here, and signed' })
  @ApiOkResponse({ standardSchema: ReceiptDetail })
  async one(@Caller() caller: Principal, @Param('id') id: string): Promise<ReceiptDetail> {
    return await this.provenance.receipt(caller, id);
  }

  @Get('envelope')
  @ApiOperation({ summary: 'The signed statement byte for byte: in-toto in a DSSE envelope, to be verified anywhere' })
  @ApiProduces(DSSE_ENVELOPE_TYPE)
  async envelope(@Caller() caller: Principal, @Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    const { digest, bytes } = await this.provenance.envelope(caller, id);
    // A shared cache may keep only what nobody had to log in for.
    const scope = caller.kind === 'anonymous' ? '' : 'private, ';
    await reply
      .headers({
        'content-type': DSSE_ENVELOPE_TYPE,
        'content-disposition': 'attachment; filename="receipt.dsse.json"',
        'x-content-type-options': 'nosniff',
        etag: `"${digest}"`,
        'cache-control': `${scope}max-age=31536000, immutable`,
      })
      .send(bytes);
  }
}
