import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AccessModule,
  AccountsService,
  AuthenticationService,
  NamespacesService,
  type Principal,
} from '@envarium/access';
import { DatabaseModule, PrismaService } from '@envarium/database';
import { JournalModule } from '@envarium/journal';
import {
  BlobsService,
  DeletionService,
  ManifestsService,
  ReferrersService,
  RegistryModule,
  RepositoriesService,
  TagsService,
  UploadsService,
} from '@envarium/registry';
import { openStore, StorageModule } from '@envarium/storage';
import { createTestDatabase } from '@envarium/testing';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { fastify } from 'fastify';
import { answerFrameworkError, registerOci } from '../../apps/server/src/oci/oci.plugin.js';
import { OciClient } from './oci-client.js';

@Module({})
class TestRoot {}

export const ADMIN_TOKEN = 'env_admin-token-of-the-tests';

/** A registry on a free port of 127.0.0.1, with a database and a store of its own. */
export interface TestRegistry {
  /** As in `127.0.0.1:41234`. */
  readonly host: string;
  readonly storeDirectory: string;
  readonly prisma: PrismaService;
  /** Lines that the server logged, as JSON text. */
  readonly log: readonly string[];
  /** The request that comes next, as the server has it. */
  nextRequest(): Promise<IncomingMessage>;
  /** Acts as nobody. */
  readonly anonymous: OciClient;
  /** Acts as the administrator. */
  readonly admin: OciClient;
  /** Makes an account that holds a role in a namespace, and the namespace; acts as it. */
  account(name: string, role: 'owner' | 'depositor' | 'reader', namespace: string): Promise<OciClient>;
  /** Publishes a version of the repository, so that everybody may read it. */
  publish(repository: string): Promise<void>;
  get<T>(service: abstract new (...parameters: never[]) => T): T;
  stop(): Promise<void>;
}

export async function startRegistry(): Promise<TestRegistry> {
  const database = await createTestDatabase();
  const storeDirectory = await mkdtemp(path.join(tmpdir(), 'envarium-oci-'));
  const context = await createContext(database.url, storeDirectory);
  const log: string[] = [];
  const server = fastify({
    requestTimeout: 0,
    http: { maxHeaderSize: 64 * 1024 },
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: answerFrameworkError,
    logger: { level: 'warn', stream: { write: (line: string) => void log.push(line) } },
  });
  let host = '';
  await registerOci(server, {
    authentication: context.get(AuthenticationService),
    repositories: context.get(RepositoriesService),
    blobs: context.get(BlobsService),
    uploads: context.get(UploadsService),
    manifests: context.get(ManifestsService),
    tags: context.get(TagsService),
    referrers: context.get(ReferrersService),
    deletion: context.get(DeletionService),
    publicUrl: () => `http://${host}`,
  });
  host = new URL(await server.listen({ host: '127.0.0.1', port: 0 })).host;

  const prisma = context.get(PrismaService);
  await context.get(AccountsService).bootstrapAdmin(ADMIN_TOKEN);
  const anonymous = new OciClient(host, null);
  return {
    host,
    storeDirectory,
    prisma,
    log,
    nextRequest: async () => ((await once(server.server, 'request')) as [IncomingMessage])[0],
    anonymous,
    admin: anonymous.as({ name: 'admin', secret: ADMIN_TOKEN }),
    account: async (name, role, namespace) => anonymous.as(await createAccount(context, name, role, namespace)),
    publish: async (repository) => await publish(prisma, repository),
    get: (service) => context.get(service),
    stop: async () => {
      await server.close();
      await context.close();
      await database.drop();
      await rm(storeDirectory, { recursive: true });
    },
  };
}

async function createContext(databaseUrl: string, storeDirectory: string): Promise<INestApplicationContext> {
  const store = await openStore({ kind: 'filesystem', directory: storeDirectory });
  const module = {
    module: TestRoot,
    imports: [
      DatabaseModule.forRoot({ url: databaseUrl, poolSize: 5 }),
      StorageModule.forRoot(store),
      JournalModule,
      AccessModule.forRoot({ signingSecret: randomBytes(32).toString('hex') }),
      RegistryModule,
    ],
  };
  return await NestFactory.createApplicationContext(module, { logger: ['error', 'warn'] });
}

async function createAccount(
  context: INestApplicationContext,
  name: string,
  role: 'owner' | 'depositor' | 'reader',
  namespace: string,
): Promise<{ name: string; secret: string }> {
  const prisma = context.get(PrismaService);
  const admin: Principal = { kind: 'account', isAdmin: true, name: 'admin', accountId: await idOf(prisma, 'admin') };
  const namespaces = context.get(NamespacesService);
  if ((await prisma.namespace.count({ where: { name: namespace } })) === 0) await namespaces.create(admin, namespace);
  const accounts = context.get(AccountsService);
  await accounts.create(admin, name);
  await namespaces.setMember(admin, namespace, name, role);
  const { secret } = await accounts.createToken(admin, { name: 'test', expiresAt: null, account: name });
  return { name, secret };
}

async function idOf(prisma: PrismaService, account: string): Promise<bigint> {
  return (await prisma.account.findUniqueOrThrow({ where: { name: account } })).id;
}

async function publish(prisma: PrismaService, name: string): Promise<void> {
  const repository = await prisma.repository.findUniqueOrThrow({ where: { name } });
  const at = new Date();
  const digest = `sha256:${randomBytes(32).toString('hex')}`;
  const version = {
    number: 1,
    state: 'published',
    title: 'A study',
    documentDigest: digest,
    recordDigest: digest,
  } as const;
  const provenance = { createdAt: at, createdBy: 'admin' };
  await prisma.archiveRecord.create({
    data: {
      ...provenance,
      publicId: randomBytes(8).toString('hex'),
      repositoryId: repository.id,
      versions: { create: { ...version, ...provenance, publishedAt: at, publishedBy: 'admin' } },
    },
  });
}
