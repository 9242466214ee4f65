import type { Principal } from '@envarium/access';
import { SigningKeysService } from '@envarium/provenance';
import { pageSchema, PublicKey } from '@envarium/schema';
import { Controller, Get, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

@ApiTags('receipts')
@ApiBearerAuth()
@Controller('api/v1/keys')
export class KeysController {
  constructor(private readonly keys: SigningKeysService) {}

  @Get()
  @Requires('public')
  @ApiOperation({ summary: 'The public half of every key that ever signed receipts here, newest first' })
  @ApiOkResponse({ standardSchema: pageSchema(PublicKey) })
  async list(): Promise<{ items: PublicKey[]; next: null }> {
    return { items: await this.keys.list(), next: null };
  }

  @Post('rotate')
  @Requires('account')
  @ApiOperation({ summary: 'Sign with a new key from now on; what the old one signed stays valid (administrators)' })
  @ApiCreatedResponse({ standardSchema: PublicKey })
  async rotate(@Caller() caller: Principal): Promise<PublicKey> {
    return await this.keys.rotate(caller);
  }
}
