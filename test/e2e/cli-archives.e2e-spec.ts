import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { buildImage, buildLayer, digestOf, OCI_IMAGE_INDEX, ociArchiveEntries, tarEntries } from '@envarium/oci';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../apps/cli/src/run.js';
import { CliSetting } from './cli-harness.js';
import { type TestServer } from './server-harness.js';

let setting: CliSetting;
let server: TestServer;
let work: string;

const admin = (...args: string[]) => setting.admin(...args);
const anonymous = (...args: string[]) => setting.anonymous(...args);
const analysis = (name: string, requirements?: string) => setting.analysis(name, requirements);
const archive = (name: string, content: string) => setting.archive(name, content);
const publish = (record: string, content: string, ...more: string[]) => setting.publish(record, content, ...more);

describe('e2e/cli-archives', () => {
  beforeAll(async () => {
    setting = await CliSetting.start();
    ({ server, work } = setting);
    await admin('namespace', 'create', 'lab');
    await publish('lab/tar', 'one tar for all');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    await setting.stop();
  });

  it('pulls the very tar that the server gives, into a file and into a pipe', async () => {
    const target = path.join(work, 'same.tar');
    expect((await anonymous('pull', 'lab/tar@v1', '--tar', target)).code).toBe(0);
    const served = await fetch(`${server.url}/api/v1/versions/lab%2Ftar@v1/image.tar`);
    const pipe = { stdout: new PassThrough(), stderr: new PassThrough() };
    const piped: Buffer[] = [];
    pipe.stdout.on('data', (chunk: Buffer) => piped.push(chunk));

    const code = await runCli(['pull', 'lab/tar@v1', '--tar', '-', '--server', server.url], pipe);

    const expected = Buffer.from(await served.arrayBuffer());
    expect((await readFile(target)).equals(expected)).toBe(true);
    expect(code).toBe(0);
    expect(Buffer.concat(piped).equals(expected)).toBe(true);
    expect(String(pipe.stderr.read())).toMatch(/every digest correct/);
    expect((await readdir(work)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('sends no tar onto a screen, nor into a JSON document', async () => {
    const screen = { stdout: Object.assign(new PassThrough(), { isTTY: true }), stderr: new PassThrough() };

    const args = ['pull', 'lab/tar@v1', '--tar', '-', '--server', server.url];

    expect(await runCli(args, screen)).toBe(2);
    expect(screen.stdout.read()).toBeNull();
    expect((await anonymous('pull', 'lab/tar@v1', '--tar', '-', '--json')).code).toBe(2);
  });

  it('leaves no tar behind when a byte is not the right one', async () => {
    const { layer } = await publish('lab/flawed', 'flawed');
    const hex = layer.slice('sha256:'.length);
    const file = path.join(server.dataDir, 'store/blobs/sha256', hex.slice(0, 2), hex);
    await chmod(file, 0o644);
    const bytes = await readFile(file);
    bytes[15] = (bytes[15] ?? 0) ^ 1;
    await writeFile(file, bytes);

    const pulled = await anonymous('pull', 'lab/flawed@v1', '--tar', path.join(work, 'flawed.tar'));

    expect(pulled.code).toBe(6);
    expect((await readdir(work)).filter((name) => name.startsWith('flawed.tar'))).toEqual([]);
  });

  it('takes an archive that was packed with gzip, and leaves nothing behind', async () => {
    const { file, digest } = await archive('packed.tar', 'packed');
    await writeFile(`${file}.gz`, gzipSync(await readFile(file)));
    const temporary = path.join(work, 'temporary');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);

    const args = ['--record', 'lab/packed', '--image', `docker-archive:${file}.gz`];
    const { document } = await admin('deposit', await analysis('packed'), ...args, '--json');

    expect(document.version.imageDigest).toBe(digest);
    expect(await readdir(temporary)).toEqual([]);
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 200), /ends too early/],
    ['damaged', (bytes: Buffer) => bytes.fill(0, 150, 200), /damaged on its way/],
  ])('refuses a packed archive that is %s', async (_, spoil, advice) => {
    const { file } = await archive('spoiled.tar', 'y'.repeat(1000));
    await writeFile(file, spoil(gzipSync(await readFile(file))));

    const args = ['--record', 'lab/spoiled', '--image', `oci-archive:${file}`];
    const { code, stderr } = await admin('deposit', await analysis('spoiled'), ...args);

    expect(code).toBe(1);
    expect(stderr).toMatch(advice);
  });

  it('says which platforms an archive lacks before anything is sent, and takes the one that is chosen', async () => {
    const { file, digest } = await archive('platforms.tar', 'platforms');
    const target = path.join(work, 'sparse');
    await mkdir(target);
    await promisify(execFile)('tar', ['--extract', `--file=${file}`, `--directory=${target}`]);
    const { manifests } = JSON.parse(await readFile(path.join(target, 'index.json'), 'utf8')) as {
      manifests: object[];
    };
    const here = { ...manifests[0], platform: { os: 'linux', architecture: 'amd64' } };
    const absent = {
      ...here,
      digest: digestOf(Buffer.from('absent')),
      platform: { os: 'linux', architecture: 'arm64' },
    };
    const index = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: [here, absent] }),
    );
    await writeFile(path.join(target, 'blobs/sha256', digestOf(index).slice('sha256:'.length)), index);
    const root = { mediaType: OCI_IMAGE_INDEX, digest: digestOf(index), size: index.length };
    await writeFile(path.join(target, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));
    const args = ['--record', 'lab/platforms', '--image', `oci:${target}`];

    const refused = await admin('deposit', await analysis('platforms'), ...args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/linux\/arm64 sha256:[0-9a-f]{64}[^]*--platform linux\/amd64/);
    expect((await admin('show', 'lab/platforms')).code).toBe(3);

    const chosen = await admin('deposit', await analysis('platforms'), ...args, '--platform', 'linux/amd64', '--json');
    expect(chosen.document.version.imageDigest).toBe(digest);
  });

  it('deposits all platforms of a layout, and pulls the tar of one that the server gives', async () => {
    const target = path.join(work, 'both');
    const manifests = [];
    for (const architecture of ['amd64', 'arm64']) {
      const body = Buffer.from(architecture);
      const layer = await buildLayer([{ path: 'arch', size: body.length, body }]);
      const image = buildImage({ layers: [layer], config: { architecture, os: 'linux' } });
      const file = path.join(work, `${architecture}.tar`);
      await writeFile(file, Readable.from(tarEntries(ociArchiveEntries(image))));
      await mkdir(target, { recursive: true });
      await promisify(execFile)('tar', ['--extract', `--file=${file}`, `--directory=${target}`]);
      manifests.push({ ...image.manifest.descriptor, platform: { os: 'linux', architecture } });
    }
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests }));
    const root = { mediaType: OCI_IMAGE_INDEX, digest: digestOf(index), size: index.length };
    await writeFile(path.join(target, 'blobs/sha256', root.digest.slice('sha256:'.length)), index);
    await writeFile(path.join(target, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));
    const args = ['--record', 'lab/both', '--image', `oci:${target}`];
    const { document } = await admin('deposit', await analysis('both'), ...args, '--json');
    expect(document.version.imageDigest).toBe(root.digest);
    expect((await admin('publish', 'lab/both@v1')).code).toBe(0);

    for (const query of ['', '?platform=linux/arm64']) {
      const file = path.join(work, `pulled-${query.length}.tar`);
      const platform = query === '' ? [] : ['--platform', 'linux/arm64'];
      const pulled = await anonymous('pull', 'lab/both@v1', '--tar', file, ...platform, '--json');

      expect(pulled.document.digest).toBe(query === '' ? root.digest : manifests[1]?.digest);
      const served = await fetch(`${server.url}/api/v1/versions/lab%2Fboth@v1/image.tar${query}`);
      expect((await readFile(file)).equals(Buffer.from(await served.arrayBuffer()))).toBe(true);
    }
    const unknown = await anonymous('pull', 'lab/both@v1', '--platform', 'linux/s390x', '--json');
    expect(unknown.document.error).toMatchObject({
      exitCode: 3,
      code: 'PLATFORM_UNKNOWN',
      detail: { available: [{}, {}] },
    });
    expect((await anonymous('pull', 'lab/both@v1', '--platform', 'linux')).code).toBe(2);
  });
});
