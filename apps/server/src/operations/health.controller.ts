import { PrismaService } from '@envarium/database';
import { STORE, type Store } from '@envarium/storage';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requires } from '../http/permission.js';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly reason?: string;
}

/** For load balancers and Kubernetes. */
@ApiExcludeController()
@Controller()
@Requires('public')
export class HealthController {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** The process lives. It says nothing of what it depends on: restarting us does not mend a database. */
  @Get('healthz')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The process can serve: database and object store answer. */
  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string; checks: Check[] }> {
    const checks = await Promise.all([
      check('database', async () => await this.prisma.$queryRaw`SELECT 1`),
      check('object store', async () => await this.store.probe()),
    ]);
    const isReady = checks.every((each) => each.ok);
    void reply.status(isReady ? 200 : 503);
    return { status: isReady ? 'ok' : 'unavailable', checks };
  }
}

async function check(name: string, probe: () => Promise<unknown>): Promise<Check> {
  try {
    await probe();
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
