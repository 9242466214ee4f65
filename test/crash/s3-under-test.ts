import { type ChildProcess, spawn } from 'node:child_process';
import { lstat, mkdir, readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Bucket } from '../../libs/storage/src/s3/s3-bucket.js';
import { stopProcess } from '../bench/program.js';
import { freePort } from './free-port.js';
import { type Damage, damaged, keyOfBlob, type StoreUnderTest, TWO_DAYS_MS } from './store-under-test.js';

const BUCKET = 'archive';
const ACCESS_KEY = 'crash-access-key';
const SECRET_KEY = 'crash-secret-key';
const START_LIMIT_MS = 30_000;
const PREFIXES = ['staging/', 'blobs/'];

/** A bucket of a real S3 server: a `minio` or a `versitygw`, see test/tools/install-s3-server.sh. */
export class S3UnderTest implements StoreUnderTest {
  readonly kind = 's3';

  private constructor(
    private readonly server: ChildProcess,
    private readonly directory: string,
    private readonly isVersity: boolean,
    private readonly bucket: S3Bucket,
    readonly variables: Readonly<Record<string, string>>,
  ) {}

  static async start(binary: string, directory: string): Promise<S3UnderTest> {
    await mkdir(directory, { recursive: true });
    const address = `127.0.0.1:${await freePort()}`;
    const isVersity = path.basename(binary) === 'versitygw';
    const server = spawn(
      binary,
      isVersity ? versityArguments(address, directory) : minioArguments(address, directory),
      {
        stdio: 'ignore',
        env: { HOME: directory, MINIO_ROOT_USER: ACCESS_KEY, MINIO_ROOT_PASSWORD: SECRET_KEY },
      },
    );
    const endpoint = `http://${address}`;
    await untilAnswering(endpoint, server);
    const account = { accessKey: ACCESS_KEY, secretKey: SECRET_KEY };
    const bucket = new S3Bucket({ kind: 's3', endpoint, bucket: BUCKET, region: 'us-east-1', ...account });
    return new S3UnderTest(server, directory, isVersity, bucket, {
      ENVARIUM_S3_ENDPOINT: endpoint,
      ENVARIUM_S3_BUCKET: BUCKET,
      ENVARIUM_S3_ACCESS_KEY: ACCESS_KEY,
      ENVARIUM_S3_SECRET_KEY: SECRET_KEY,
    });
  }

  async staged(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.bucket.list('staging/')) keys.push(key.slice('staging/'.length));
    return keys;
  }

  async unfinished(): Promise<string[]> {
    if (!this.isVersity) return await this.unfinishedOnDisk();
    const keys: string[] = [];
    for (const prefix of PREFIXES) for await (const { key } of this.bucket.incompleteUploads(prefix)) keys.push(key);
    return keys;
  }

  /** versitygw takes the times of its files for those of the objects; MinIO keeps its own. */
  async age(): Promise<boolean> {
    if (!this.isVersity) return false;
    const then = new Date(Date.now() - TWO_DAYS_MS);
    const root = path.join(this.directory, BUCKET);
    for (const name of await readdir(root, { recursive: true })) {
      const file = path.join(root, name);
      if (!(await lstat(file)).isSymbolicLink()) await utimes(file, then, then);
    }
    return true;
  }

  async damage(digest: string, damage: Damage): Promise<void> {
    const key = keyOfBlob(digest);
    if (damage === 'delete') return await this.bucket.remove(key);
    const stored = await this.bucket.readSmall(key, Number.MAX_SAFE_INTEGER);
    if (stored === null) throw new Error(`${key} is not there to be damaged`);
    await this.bucket.write(key, damaged(stored, damage));
  }

  async stop(): Promise<void> {
    await stopProcess(this.server);
  }

  /** MinIO lists multipart uploads by exact key only, so its disk is asked: one directory each, below one for its key. */
  private async unfinishedOnDisk(): Promise<string[]> {
    const root = path.join(this.directory, '.minio.sys/multipart');
    const uploads: string[] = [];
    for (const key of await readdir(root)) {
      for (const upload of await readdir(path.join(root, key))) uploads.push(`${key}/${upload}`);
    }
    return uploads;
  }
}

function minioArguments(address: string, directory: string): string[] {
  return ['server', directory, '--address', address, '--quiet', '--anonymous'];
}

function versityArguments(address: string, directory: string): string[] {
  const account = ['--access', ACCESS_KEY, '--secret', SECRET_KEY, '--region', 'us-east-1'];
  return [...account, '--port', address, 'posix', directory];
}

async function untilAnswering(endpoint: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (server.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(endpoint).catch(() => null);
    if (answer !== null && answer.status < 500) return;
    await sleep(50);
  }
  await stopProcess(server);
  throw new Error(`the S3 server at ${endpoint} does not answer`);
}
