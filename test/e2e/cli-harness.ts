import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { buildImage, buildLayer, ociArchiveEntries, tarEntries } from '@envarium/oci';
import { expect } from 'vitest';
import { runCli } from '../../apps/cli/src/run.js';
import { ADMIN_TOKEN, startTestServer, type TestServer } from './server-harness.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of --json. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look into it with literals
  readonly document: any;
}

/** The command line in this process, against a server and in a directory of its own. */
export class CliSetting {
  private constructor(
    readonly server: TestServer,
    readonly work: string,
  ) {}

  static async start(variables: Readonly<Record<string, string>> = {}): Promise<CliSetting> {
    return new CliSetting(await startTestServer(variables), await mkdtemp(path.join(tmpdir(), 'envarium-cli-')));
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.work, { recursive: true, force: true });
  }

  readonly admin = async (...args: string[]): Promise<Ran> => await this.runAs(ADMIN_TOKEN, ...args);
  readonly anonymous = async (...args: string[]): Promise<Ran> => await this.runAs(null, ...args);

  /** Exactly this command line, with nothing added. */
  async command(...args: string[]): Promise<Ran> {
    const stdout = new PassThrough({ encoding: 'utf8', highWaterMark: 2 ** 24 });
    const stderr = new PassThrough({ encoding: 'utf8', highWaterMark: 2 ** 24 });
    const code = await runCli(args, { stdout, stderr });
    const text = String(stdout.read() ?? '');
    const document: unknown = args.includes('--json') ? JSON.parse(text) : null;
    return { code, stdout: text, stderr: String(stderr.read() ?? ''), document };
  }

  async runAs(token: string | null, ...args: string[]): Promise<Ran> {
    const credentials = token === null ? [] : ['--token', token];
    return await this.command(...args, '--server', this.server.url, ...credentials);
  }

  /** A directory with a package file. */
  async analysis(name: string, requirements = 'numpy==2.0.1\nscipy==1.14.0\n'): Promise<string> {
    const directory = path.join(this.work, name);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'requirements.txt'), requirements);
    return directory;
  }

  /** An image of one file as an OCI archive. */
  async archive(name: string, content: string): Promise<{ file: string; digest: string; layer: string }> {
    const body = Buffer.from(content);
    const layer = await buildLayer([{ path: 'fig3.py', size: body.length, body }]);
    const image = buildImage({ layers: [layer], config: { architecture: 'amd64', os: 'linux' } });
    const chunks: Uint8Array[] = [];
    for await (const chunk of tarEntries(ociArchiveEntries(image))) chunks.push(chunk);
    const file = path.join(this.work, name);
    await writeFile(file, Buffer.concat(chunks));
    return { file, digest: image.manifest.digest, layer: layer.descriptor.digest };
  }

  async publish(record: string, content: string, ...more: string[]): Promise<{ digest: string; layer: string }> {
    const name = record.replace('/', '-');
    const { file, digest, layer } = await this.archive(`${name}.tar`, content);
    const image = `oci-archive:${file}`;
    const deposited = await this.admin(
      'deposit',
      await this.analysis(name),
      '--record',
      record,
      '--image',
      image,
      ...more,
    );
    expect(deposited.code, deposited.stderr).toBe(0);
    const published = await this.admin('publish', `${record}@v1`);
    expect(published.code, published.stderr).toBe(0);
    return { digest, layer };
  }
}
