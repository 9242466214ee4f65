import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, parseConfig } from '@envarium/config';
import { buildImage, buildLayer } from '@envarium/oci';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { createContext } from '../../apps/resolver/src/create-context.js';
import { type RunningServer, startServer } from '../../apps/server/src/create-app.js';
import { RestClient } from './rest-client.js';

export const ADMIN_TOKEN = 'env_token-of-the-operator';

type Role = 'owner' | 'depositor' | 'reader';

/** The real server on a free port of 127.0.0.1, with a database and a data directory of its own. */
export interface TestServer {
  readonly url: string;
  readonly dataDir: string;
  /** Settings of another process of this installation. */
  readonly environment: Readonly<Record<string, string>>;
  readonly anonymous: RestClient;
  readonly admin: RestClient;
  /** Makes an account, the namespaces where they are missing, and gives it a role in each; acts as it. */
  account(name: string, roles?: Readonly<Record<string, Role>>): Promise<RestClient>;
  /** Runs SQL beside the server, as an operator with psql would. */
  sql<T extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]>;
  /** The features in a process that does not listen, on the same database and store: what the resolver does by the clock. */
  resolver(): Promise<INestApplicationContext>;
  /** Stops the server and starts it again on the same database and store. */
  restart(variables?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** @param variables take precedence: another way to the database, another data directory */
export async function startTestServer(variables: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'envarium-rest-'));
  const server = new Harness(database, dataDir, variables);
  try {
    await server.restart();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class Harness implements TestServer {
  private running: RunningServer | null = null;
  private context: INestApplicationContext | null = null;

  constructor(
    private readonly database: TestDatabase,
    readonly dataDir: string,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  get url(): string {
    if (this.running === null) throw new Error('the server is not running');
    return this.running.url;
  }

  get environment(): Readonly<Record<string, string>> {
    return { DATABASE_URL: this.database.url, ENVARIUM_DATA_DIR: this.dataDir, ...this.variables };
  }

  get anonymous(): RestClient {
    return new RestClient(this.url, null);
  }

  get admin(): RestClient {
    return new RestClient(this.url, ADMIN_TOKEN);
  }

  async account(name: string, roles: Readonly<Record<string, Role>> = {}): Promise<RestClient> {
    const admin = this.admin;
    await admin.post('accounts', { name }).expect(201);
    for (const [namespace, role] of Object.entries(roles)) {
      const { status } = await admin.post('namespaces', { name: namespace });
      if (status !== 201 && status !== 409) throw new Error(`namespace ${namespace} answered ${status}`);
      await admin.put(`namespaces/${namespace}/members/${name}`, { role }).expect(204);
    }
    const { body } = await admin.post('tokens', { name: 'test', account: name }).expect(201);
    return new RestClient(this.url, (body as { secret: string }).secret);
  }

  async sql<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.database.url });
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async resolver(): Promise<INestApplicationContext> {
    this.context ??= (await createContext(this.config({}))).context;
    return this.context;
  }

  async restart(variables: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.running?.close();
    this.running = await startServer(this.config(variables));
  }

  async stop(): Promise<void> {
    await this.running?.close();
    await this.context?.close();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private config(variables: Readonly<Record<string, string>>): Config {
    return parseConfig({
      DATABASE_URL: this.database.url,
      ENVARIUM_DATA_DIR: this.dataDir,
      ENVARIUM_PORT: '0',
      ENVARIUM_ADMIN_TOKEN: ADMIN_TOKEN,
      ENVARIUM_LOG_LEVEL: 'silent',
      ...this.variables,
      ...variables,
    });
  }
}

export interface PushedImage {
  readonly digest: string;
  /** Of every blob that a pull needs: image manifest, config and layers. */
  readonly digests: readonly string[];
  readonly size: number;
}

/** Pushes an image of one file over /v2. @param content of the file, so that two images differ when they should */
export async function pushImage(
  client: RestClient,
  repository: string,
  tag: string,
  content = 'print(3)\n',
): Promise<PushedImage> {
  return await pushImageOf(client, repository, tag, { 'fig3.py': content });
}

/** Pushes an image of one layer. @param files their contents by path; variables of the container in `env` */
export async function pushImageOf(
  client: RestClient,
  repository: string,
  tag: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  env: readonly string[] = [],
): Promise<PushedImage> {
  const layer = await buildLayer(
    Object.entries(files).map(([file, content]) => {
      const body = typeof content === 'string' ? Buffer.from(content) : content;
      return { path: file, size: body.length, body };
    }),
  );
  const image = buildImage({
    layers: [layer],
    config: { architecture: 'amd64', os: 'linux', ...(env.length > 0 && { config: { Env: [...env] } }) },
  });
  for (const blob of image.blobs) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of blob.content()) chunks.push(Buffer.from(chunk));
    await client.pushBlob(repository, Buffer.concat(chunks));
  }
  const { mediaType, bytes, digest } = image.manifest;
  await client.pushManifest(repository, tag, mediaType, Buffer.from(bytes).toString()).expect(201);
  const sizes = [bytes.length, ...image.blobs.map(({ descriptor }) => descriptor.size)];
  return {
    digest,
    digests: [digest, ...image.blobs.map(({ descriptor }) => descriptor.digest)],
    size: sizes.reduce((sum, size) => sum + size, 0),
  };
}
