import { randomUUID } from 'node:crypto';
import { AccountsService, AuthenticationService, installationSecret } from '@envarium/access';
import type { Config } from '@envarium/config';
import { ArchiveError } from '@envarium/errors';
import {
  BlobsService,
  DeletionService,
  ManifestsService,
  PreservationService,
  ReferrersService,
  RepositoriesService,
  TagsService,
  UploadsService,
} from '@envarium/registry';
import { openSecondStore, openStore } from '@envarium/storage';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyError, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { AppModule } from './app.module.js';
import { registerGraphql } from './graphql/graphql-route.js';
import { sendProblem } from './http/problem.filter.js';
import { Followers } from './jobs/followers.js';
import { createBlobDelivery } from './oci/blob-delivery.js';
import { answerFrameworkError, registerOci } from './oci/oci.plugin.js';
import { isOciUrl } from './oci/oci-route.js';
import { setUpOpenApi } from './openapi.js';
import { registerMetrics } from './operations/metrics.js';
import { PinoLogger } from './operations/pino-logger.js';
import { PageProblemFilter } from './pages/page-problem.filter.js';
import { PublicAddress } from './public-address.js';

/** JSON bodies: a deposit may carry its small files along. Images never come this way. */
const BODY_LIMIT = 64 * 1024 * 1024;
/** Names and DOIs in a path; longer ones are refused by their own grammars. */
const PARAM_LIMIT = 4096;
/** A thousand ranges of one blob, which podman asks for at once, are more than the 16 KiB that Node reads. */
const HEADER_LIMIT = 64 * 1024;

export interface RunningServer {
  readonly url: string;
  /** Shown once; null when an administrator exists, or when the operator gave the token. */
  readonly adminToken: string | null;
  close(): Promise<void>;
}

/** The application with everything attached, not yet listening. */
export async function createApp(config: Config): Promise<{ app: NestFastifyApplication; address: PublicAddress }> {
  if (config.databaseUrl === null) {
    throw new ArchiveError('CONFIG_INVALID', {
      problems: ['DATABASE_URL: is required for the server alone; `npm start` brings an embedded PostgreSQL'],
    });
  }
  const address = new PublicAddress(config.publicUrl);
  const store = await openStore(config.storage);
  const delivery = createBlobDelivery(config.serving, store);
  const secondStore = config.secondStorage && (await openSecondStore(config.secondStorage));
  const signingSecret = await installationSecret(config.secret, config.dataDir);
  const adapter = fastifyAdapter(config);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot({ config, databaseUrl: config.databaseUrl, store, secondStore, signingSecret, address }),
    adapter,
    // Fastify reads JSON by itself; the parser that Nest adds would take a browser's form for a deposit.
    { logger: new PinoLogger(adapter.getInstance().log), abortOnError: false, bodyParser: false },
  );
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  app.useGlobalFilters(new PageProblemFilter());
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('X-Request-Id', request.id);
  });
  const preservation = app.get(PreservationService, { strict: false });
  registerMetrics(fastify, async () => await preservation.status());
  await registerOci(fastify, {
    authentication: app.get(AuthenticationService),
    repositories: app.get(RepositoriesService, { strict: false }),
    blobs: app.get(BlobsService, { strict: false }),
    uploads: app.get(UploadsService, { strict: false }),
    manifests: app.get(ManifestsService, { strict: false }),
    tags: app.get(TagsService, { strict: false }),
    referrers: app.get(ReferrersService, { strict: false }),
    deletion: app.get(DeletionService, { strict: false }),
    delivery,
    publicUrl: () => address.publicUrl(),
  });
  await registerGraphql(fastify, app.get(AuthenticationService), app.get(Followers, { strict: false }));
  setUpOpenApi(app);
  return { app, address };
}

/** Starts listening. Resolves when requests are served. */
export async function startServer(config: Config): Promise<RunningServer> {
  const { app, address } = await createApp(config);
  await app.init();
  const adminToken = await app.get(AccountsService).bootstrapAdmin(config.adminToken);
  await app.listen({ host: config.host, port: config.port });
  const listening = app.getHttpServer().address();
  address.listensOn(config.host, typeof listening === 'object' && listening !== null ? listening.port : config.port);
  return { url: address.publicUrl(), adminToken, close: async () => await app.close() };
}

function fastifyAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    logger: { level: config.logLevel, redact: ['req.headers.authorization'] },
    // One line a request would be written for every blob of every pull; metrics count them, problems are logged.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    http: { maxHeaderSize: HEADER_LIMIT },
    // An upload may take hours; a stalled one is ended by the socket, not by a clock.
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: PARAM_LIMIT },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      if (isOciUrl(request.raw.url ?? '')) answerFrameworkError(error, request, reply);
      else sendProblem(error, request, reply);
    },
  });
}
