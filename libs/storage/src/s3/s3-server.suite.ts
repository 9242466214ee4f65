import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PartWriter } from './part-writer.js';
import type { S3Bucket, S3Config } from './s3-bucket.js';

const ACCESS_KEY = 'test-access-key';
const SECRET_KEY = 'test-secret-key';
const START_MS = 30_000;
const ATTEMPTS = 3;

export const MISSING_S3_SERVER = 'SKIPPED: no S3 server; run test/tools/install-s3-server.sh';

/** Every S3 server at hand, one of a kind: they differ, and the store must work with all of them. */
export function findS3Servers(): string[] {
  const chosen = (process.env['ENVARIUM_TEST_S3_SERVER'] ?? '').split(path.delimiter).filter((file) => file !== '');
  if (chosen.length > 0) return chosen;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return ['minio', 'versitygw'].flatMap((name) =>
    folders
      .map((folder) => path.join(folder, name))
      .filter(isExecutable)
      .slice(0, 1),
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real S3 server for tests, on 127.0.0.1 and a temporary directory. */
export interface S3Server {
  config(bucket: string): S3Config;
  stop(): Promise<void>;
}

/**
 * @param binary a `minio` or a `versitygw`; see test/tools/install-s3-server.sh
 * @param given where the objects are; not removed at the end. Default: a temporary directory
 */
export async function startS3Server(
  binary: string,
  given: string | null = null,
  options: string[] = [],
): Promise<S3Server> {
  const directory = given ?? (await mkdtemp(path.join(tmpdir(), 's3-server-')));
  const { server, ended, endpoint } = await started(binary, options, directory);
  return {
    config: (bucket) => ({
      kind: 's3',
      endpoint,
      bucket,
      region: 'us-east-1',
      accessKey: ACCESS_KEY,
      secretKey: SECRET_KEY,
    }),
    async stop() {
      server.kill();
      await ended;
      if (given === null) await rm(directory, { recursive: true });
    },
  };
}

/** A free port may be another's before the server has it: then it ends at once, and there are other ports. */
async function started(
  binary: string,
  options: string[],
  directory: string,
): Promise<{ server: ChildProcess; ended: Promise<unknown>; endpoint: string }> {
  for (let attempt = 1; ; attempt += 1) {
    const address = `127.0.0.1:${await freePort()}`;
    const server = spawn(binary, [...options, ...serverArguments(path.basename(binary), address, directory)], {
      stdio: 'ignore',
      env: { HOME: directory, MINIO_ROOT_USER: ACCESS_KEY, MINIO_ROOT_PASSWORD: SECRET_KEY },
    });
    const ended = once(server, 'exit');
    const endpoint = `http://${address}`;
    if (await isAnswering(endpoint, () => server.exitCode === null)) return { server, ended, endpoint };
    if (server.exitCode === null || attempt === ATTEMPTS) {
      server.kill();
      throw new Error(`the S3 server at ${endpoint} does not answer`);
    }
  }
}

function serverArguments(name: string, address: string, directory: string): string[] {
  return name === 'versitygw'
    ? ['--access', ACCESS_KEY, '--secret', SECRET_KEY, '--region', 'us-east-1', '--port', address, 'posix', directory]
    : ['server', directory, '--address', address, '--quiet', '--anonymous'];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isAnswering(endpoint: string, isRunning: () => boolean): Promise<boolean> {
  const deadline = Date.now() + START_MS;
  while (isRunning() && Date.now() < deadline) {
    const answer = await fetch(endpoint).catch(() => null);
    if (answer !== null && answer.status < 500) return isRunning();
    await sleep(50);
  }
  return false;
}

/** Puts other bytes in the place of an object, behind the back of the store. */
export async function overwrite(bucket: S3Bucket, key: string, bytes: Buffer): Promise<void> {
  const writer = new PartWriter(bucket, key);
  await writer.write(bytes);
  await writer.settle();
  if (writer.hasParts) await writer.complete();
  else await bucket.write(key, bytes);
  await writer.release();
}
