import { IdempotencyService, type Principal } from '@envarium/access';
import { DepositService, RecordsService } from '@envarium/records';
import { CreateDeposit, PackageFile, RecordVersion } from '@envarium/schema';
import { Body, Controller, Headers, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';

const DepositResult = z
  .object({
    version: RecordVersion,
    packageFiles: z.array(PackageFile).describe('what was understood of each file, and what was not'),
    isNew: z.boolean().describe('false: exactly this was deposited before'),
  })
  .meta({ id: 'DepositResult' });
type DepositResult = z.infer<typeof DepositResult>;

@ApiTags('records')
@ApiBearerAuth()
@Controller('api/v1/deposits')
@Requires('account')
export class DepositsController {
  constructor(
    private readonly deposits: DepositService,
    private readonly records: RecordsService,
    private readonly idempotency: IdempotencyService,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Deposit an environment; the result is a draft version' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'the same key again gives the same answer, for a day',
  })
  @ApiCreatedResponse({ standardSchema: DepositResult })
  async create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') key: string | undefined,
    @Body({ schema: CreateDeposit }) body: CreateDeposit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DepositResult> {
    const parse = (value: unknown): DepositResult => DepositResult.parse(value);
    const answer = await this.idempotency.once(caller, key ?? null, body, parse, async () => {
      const { reference, isNew } = await this.deposits.deposit(caller, body);
      const version = await this.records.version(caller, reference);
      const packageFiles = await this.records.packageFiles(caller, reference);
      return { status: isNew ? 201 : 200, body: { version, packageFiles, isNew } };
    });
    void reply.status(answer.status);
    return answer.body;
  }
}
