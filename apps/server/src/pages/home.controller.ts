import { ANONYMOUS } from '@envarium/access';
import { RecordsService } from '@envarium/records';
import { REGISTRY_ADDRESS, type RegistryAddress } from '@envarium/resolution';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requires } from '../http/permission.js';
import { HomePage } from './home-page.js';
import { sendPage } from './send-page.js';

const NEWEST = 15;

@ApiExcludeController()
@Controller()
@Requires('public')
export class HomeController {
  constructor(
    private readonly records: RecordsService,
    @Inject(REGISTRY_ADDRESS) private readonly address: RegistryAddress,
  ) {}

  @Get('/')
  async home(@Res() reply: FastifyReply): Promise<void> {
    const { items } = await this.records.list(ANONYMOUS, {}, NEWEST, null);
    sendPage(reply, 200, HomePage({ records: items, publicUrl: this.address.publicUrl() }));
  }
}
