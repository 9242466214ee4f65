import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessModule, type Principal } from '@envarium/access';
import { DatabaseModule, PrismaService, type VersionState } from '@envarium/database';
import { JournalModule } from '@envarium/journal';
import { RegistryModule } from '@envarium/registry';
import type { Job } from '@envarium/schema';
import { openStore, StorageModule, type Store } from '@envarium/storage';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type JobHandler, JobHandlers } from './job-handlers.js';
import { JobRunner } from './job-runner.service.js';
import { JobsModule } from './jobs.module.js';

const AT = new Date('2026-01-31T12:00:00Z');
const BY = { createdAt: AT, createdBy: 'ada' };
export const READY = { outcome: 'ready', result: null, problem: null } as const;

@Module({})
class Root {}

/** A database and a store, and any number of processes on them. */
export class JobsSetting {
  readonly prisma: PrismaService;
  private readonly contexts: INestApplicationContext[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly directory: string,
    readonly store: Store,
  ) {
    this.prisma = new PrismaService({ url: database.url, poolSize: 4 });
  }

  static async start(): Promise<JobsSetting> {
    const directory = await mkdtemp(path.join(tmpdir(), 'envarium-jobs-'));
    const store = await openStore({ kind: 'filesystem', directory });
    return new JobsSetting(await createTestDatabase(), directory, store);
  }

  async stop(): Promise<void> {
    for (const context of this.contexts) await context.close();
    await this.prisma.$disconnect();
    await this.database.drop();
    await rm(this.directory, { recursive: true });
  }

  /** A resolver of its own. @param handler of every kind; null: none */
  async process(handler: JobHandler | null): Promise<{ get: INestApplicationContext['get']; runner: JobRunner }> {
    const context = await NestFactory.createApplicationContext(
      {
        module: Root,
        imports: [
          DatabaseModule.forRoot({ url: this.database.url, poolSize: 6 }),
          StorageModule.forRoot(this.store, null),
          JournalModule,
          AccessModule.forRoot({ signingSecret: 'secret of the tests' }),
          RegistryModule,
          JobsModule.forRoot({ databaseUrl: this.database.url }),
        ],
      },
      { logger: false, abortOnError: false },
    );
    this.contexts.push(context);
    const handlers = context.get(JobHandlers);
    if (handler !== null) for (const kind of ['rehearse', 'rebuild', 'rerun'] as const) handlers.add(kind, handler);
    return { get: context.get.bind(context), runner: context.get(JobRunner) };
  }

  /** An account with a role in each of these namespaces, which are made where they are missing. */
  async account(name: string, roles: Readonly<Record<string, 'owner' | 'depositor' | 'reader'>>): Promise<Principal> {
    const account = await this.prisma.account.create({ data: { name } });
    for (const [namespace, role] of Object.entries(roles)) {
      const { id } = await this.prisma.namespace.upsert({
        where: { name: namespace },
        create: { name: namespace, ...BY },
        update: {},
      });
      await this.prisma.namespaceMember.create({ data: { accountId: account.id, namespaceId: id, role } });
    }
    return { kind: 'account', accountId: account.id, name, isAdmin: false };
  }

  /** A record with one version for each state. */
  async record(name: string, publicId: string, states: readonly VersionState[] = ['published']): Promise<void> {
    const namespace = { connect: { name: name.split('/')[0] ?? '' } };
    const repository = await this.prisma.repository.create({ data: { name, visibility: 'public', namespace, ...BY } });
    const record = await this.prisma.archiveRecord.create({ data: { publicId, repositoryId: repository.id, ...BY } });
    for (const [i, state] of states.entries()) {
      const frozen = state === 'draft' ? {} : { recordDigest: `${name} ${i}`, publishedAt: AT, publishedBy: 'ada' };
      const version = { number: i + 1, state, title: name, documentDigest: 'sha256:0' };
      await this.prisma.recordVersion.create({ data: { recordId: record.id, ...version, ...frozen, ...BY } });
    }
  }

  async row({ id }: Pick<Job, 'id'>) {
    return await this.prisma.job.findUniqueOrThrow({ where: { id } });
  }

  /** As if its worker had been gone for so long. */
  async expireLease({ id }: Pick<Job, 'id'>): Promise<void> {
    await this.prisma.job.update({ where: { id }, data: { leaseUntil: new Date(Date.now() - 1000) } });
  }

  /** Without jobs, as before the first one. */
  async clear(): Promise<void> {
    await this.prisma.job.deleteMany();
  }
}
