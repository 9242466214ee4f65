import { AccountsService, NamespacesService, type Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import {
  CreateAccount,
  CreatedToken,
  CreateNamespace,
  CreateToken,
  ListedToken,
  pageSchema,
  SetMember,
  WhoAmI,
} from '@envarium/schema';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';
import { presentCreatedToken, presentListedToken } from './token.presenter.js';

const DAY_MS = 24 * 60 * 60 * 1000;

@ApiTags('access')
@ApiBearerAuth()
@Controller('api/v1')
export class AccessController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly namespaces: NamespacesService,
  ) {}

  @Get('whoami')
  @Requires('public')
  @ApiOperation({ summary: 'Who the token belongs to, and what it may do' })
  @ApiOkResponse({ standardSchema: WhoAmI })
  async whoami(@Caller() caller: Principal): Promise<z.infer<typeof WhoAmI>> {
    const memberships = await this.namespaces.memberships(caller);
    if (caller.kind === 'anonymous') return { account: null, isAdmin: false, memberships: [] };
    return { account: caller.name, isAdmin: caller.isAdmin, memberships };
  }

  @Post('accounts')
  @Requires('account')
  @ApiOperation({ summary: 'Make an account (administrators)' })
  @ApiCreatedResponse({ standardSchema: CreateAccount })
  async createAccount(
    @Caller() caller: Principal,
    @Body({ schema: CreateAccount }) body: z.infer<typeof CreateAccount>,
  ): Promise<{ name: string }> {
    return await this.accounts.create(caller, body.name);
  }

  @Post('namespaces')
  @Requires('account')
  @ApiOperation({ summary: 'Make a namespace (administrators)' })
  @ApiCreatedResponse({ standardSchema: CreateNamespace })
  async createNamespace(
    @Caller() caller: Principal,
    @Body({ schema: CreateNamespace }) body: z.infer<typeof CreateNamespace>,
  ): Promise<{ name: string }> {
    return await this.namespaces.create(caller, body.name);
  }

  @Put('namespaces/:name/members/:account')
  @Requires('account')
  @HttpCode(204)
  @ApiOperation({ summary: 'Give an account a role in a namespace (owners)' })
  async setMember(
    @Caller() caller: Principal,
    @Param('name') name: string,
    @Param('account') account: string,
    @Body({ schema: SetMember }) body: z.infer<typeof SetMember>,
  ): Promise<void> {
    await this.namespaces.setMember(caller, name, account, body.role);
  }

  @Get('tokens')
  @Requires('account')
  @ApiOperation({ summary: 'Own access tokens, newest first; never their secrets' })
  @ApiOkResponse({ standardSchema: pageSchema(ListedToken) })
  async listTokens(@Caller() caller: Principal): Promise<{ items: z.infer<typeof ListedToken>[]; next: null }> {
    const tokens = await this.accounts.listTokens(caller);
    return { items: tokens.map(presentListedToken), next: null };
  }

  @Post('tokens')
  @Requires('account')
  @ApiOperation({ summary: 'Make an access token; its secret is shown this once' })
  @ApiCreatedResponse({ standardSchema: CreatedToken })
  async createToken(
    @Caller() caller: Principal,
    @Body({ schema: CreateToken }) body: z.infer<typeof CreateToken>,
  ): Promise<z.infer<typeof CreatedToken>> {
    const days = body.expiresInDays;
    const expiresAt = days === undefined ? null : new Date(Date.now() + days * DAY_MS);
    return presentCreatedToken(
      await this.accounts.createToken(caller, { name: body.name, account: body.account, expiresAt }),
    );
  }

  @Delete('tokens/:id')
  @Requires('account')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke an access token' })
  async revokeToken(@Caller() caller: Principal, @Param('id') id: string): Promise<void> {
    if (!/^[1-9]\d{0,17}$/.test(id)) throw new ArchiveError('NOT_FOUND', { token: id });
    await this.accounts.revokeToken(caller, BigInt(id));
  }
}
