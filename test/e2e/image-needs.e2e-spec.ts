import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ImageReadingService } from '@envarium/rebuild';
import type { EnvironmentCoverage, Resolution } from '@envarium/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { abiTag, buildElf, isaNeeded } from '../../libs/comparison/src/images/programs/__fixtures__/test-elf.js';
import { nativePlatform } from '../../libs/sandbox/src/platform.js';
import { writeTinyImage } from '../../libs/sandbox/src/tiny-image.js';
import { CliSetting } from './cli-harness.js';
import { askGraphql } from './graphql-client.js';
import type { RestClient } from './rest-client.js';
import { pushImageOf } from './server-harness.js';

const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
const glibc = header.glibcVersionRuntime;
const architecture = nativePlatform().split('/')[1] ?? '';

/** Red Hat 9 in as many files as matter, with the marks that its linker sets. */
const RHEL = {
  'etc/os-release': 'ID="rhel"\nVERSION_ID="9.3"\n',
  'usr/lib64/libc.so.6': buildElf({
    notes: [abiTag([3, 2, 0]), isaNeeded(0b11)],
    text: 'GNU C Library (GNU libc) stable release version 2.34.\n',
  }),
  'usr/local/cuda-12.2/version.json': '{"cuda":{"version":"12.2.20230823"}}',
};
const PYTORCH = {
  'opt/conda/lib/python3.11/site-packages/torch-2.1.0.dist-info/METADATA': 'Name: torch\nVersion: 2.1.0+cu118\n\n',
};

describe('e2e/image needs', () => {
  let setting: CliSetting;
  let author: RestClient;

  beforeAll(async () => {
    setting = await CliSetting.start();
    author = await setting.server.account('ada', { lab: 'owner' });
    const layout = path.join(setting.work, 'tiny');
    await writeTinyImage(layout, ['cat'], nativePlatform());
    const empty = await mkdtemp(path.join(setting.work, 'empty-'));
    await setting.admin('namespace', 'create', 'bases');
    await setting.admin('deposit', empty, '--record', 'bases/tiny', '--image', `oci:${layout}`);
    await setting.admin('publish', 'bases/tiny@v1');
    await pushImageOf(author, 'lab/rhel', 'work', RHEL);
    await author.publish('lab/rhel', {}, { image: 'work' });
    await pushImageOf(author, 'lab/torch', 'work', { ...RHEL, ...PYTORCH }, ['CUDA_VERSION=11.0.3']);
    await author.publish('lab/torch', {}, { image: 'work' });
    await pushImageOf(author, 'lab/alpine', 'work', {
      'lib/ld-musl-x86_64.so.1': buildElf({ text: 'musl libc (x86_64)\0\x001.2.4\0' }),
    });
    await author.publish('lab/alpine', {}, { image: 'work' });
  });

  afterAll(async () => {
    await setting.stop();
  });

  const read = async (): Promise<number> =>
    await (await setting.server.resolver()).get(ImageReadingService, { strict: false }).drain();
  const fit = async (version: string, query: string): Promise<NonNullable<Resolution['fit']>> => {
    const { body } = await setting.server.anonymous
      .get(`versions/${encodeURIComponent(version)}/resolution?${query}`)
      .expect(200);
    return (body as Resolution & { fit: NonNullable<Resolution['fit']> }).fit;
  };

  it('claims nothing of an image that nobody has read', async () => {
    expect((await fit('lab/rhel@v1', 'architecture=amd64&isaLevel=v1&kernel=2.6.32')).willItStart).toEqual({
      verdict: 'yes',
      reasons: ['The image is for linux/amd64, as is your machine.'],
    });
    expect(await read()).toBe(4);
  });

  it.skipIf(glibc === undefined)('reads the libc of this very machine out of an image of its programs', async () => {
    const old = await fit('bases/tiny@v1', `architecture=${architecture}&kernel=2.6.32-754.el6.x86_64`);
    const today = await fit('bases/tiny@v1', `architecture=${architecture}&kernel=6.1.0-13-amd64`);

    expect(old.willItStart.verdict).toBe('no');
    const [reason] = old.willItStart.reasons;
    expect(reason).toMatch(/ needs Linux 3\.[27]\.0; your kernel is 2\.6\.32-754\.el6\.x86_64\.$/);
    expect(reason).toMatch(/^The libc of the image, glibc \d\.\d+ \(\/(?:usr\/)?lib[^ ]*\/libc[^ ]*\), /);
    expect(reason).toContain(`glibc ${glibc} (`);
    expect(today.willItStart.verdict).toBe('yes');
    expect(today.willItStart.reasons[1]).toContain('your kernel is 6.1.0-13-amd64.');
  });

  it('knows from marks of the linker which machines a distribution is built for', async () => {
    const query = (level: string): string => `architecture=amd64&isaLevel=${level}&kernel=5.14.0`;

    expect((await fit('lab/rhel@v1', query('v1'))).willItStart).toEqual({
      verdict: 'no',
      reasons: [
        'The image is compiled for x86_64_v2 (/usr/lib64/libc.so.6); your machine is x86-64-v1.',
        'The image is for linux/amd64, as is your machine.',
        'The libc of the image, glibc 2.34 (/usr/lib64/libc.so.6), needs Linux 3.2.0; your kernel is 5.14.0.',
      ],
    });
    expect((await fit('lab/rhel@v1', query('v2'))).willItStart.verdict).toBe('yes');
    expect((await fit('lab/rhel@v1', 'architecture=amd64')).willItStart.verdict).toBe('unknown');
    expect((await fit('lab/rhel@v1', 'architecture=arm64')).willItStart.verdict).toBe('emulated-only');
  });

  it('takes the CUDA of packages in the image before its toolkit, and that before its variables', async () => {
    const query = 'architecture=amd64&gpu=Tesla+T4&gpuDriver=390.30';

    expect((await fit('lab/rhel@v1', query)).gpu).toEqual({
      verdict: 'needs-newer-driver',
      reasons: ['CUDA 12.2 needs a driver from 525.60.13 on; yours is 390.30.'],
    });
    const withoutGpu = await fit('lab/torch@v1', 'architecture=amd64');
    expect(withoutGpu.gpu.reasons).toEqual([
      'The image holds CUDA 11.8 (torch 2.1.0+cu118 of pypi in the image); nothing is known of one in yours. Programs that need it stop.',
    ]);
    expect((await fit('lab/rhel@v1', 'architecture=amd64')).gpu.reasons[0]).toContain(
      'CUDA 12.2 (/usr/local/cuda-12.2/version.json)',
    );
  });

  it('shows what the image asks for beside its packages, in every interface', async () => {
    const asks = [
      'Linux 3.2.0 or newer (glibc 2.34, /usr/lib64/libc.so.6)',
      'a CPU that has all of x86_64_v2 (/usr/lib64/libc.so.6)',
      'a driver for CUDA 12.2, where a GPU is used (/usr/local/cuda-12.2/version.json)',
    ];

    const rest = await setting.server.anonymous.get('versions/lab%2Frhel@v1/coverage').expect(200);
    const { data } = await askGraphql(
      setting.server.anonymous,
      '{ version(reference: "lab/rhel@v1") { coverage { sources { asks } } } }',
    );
    const page = await setting.server.anonymous.get('/records/lab%2Frhel').redirects(2);

    expect((rest.body as EnvironmentCoverage).sources.map((source) => source.asks)).toEqual([asks]);
    expect(data).toEqual({ version: { coverage: { sources: [{ asks }] } } });
    for (const need of asks) expect(page.text).toContain(`asks for <bdi>${need}</bdi>`);
  });

  it('reads an image again that was read by a release that did not look', async () => {
    const { digest } = await pushImageOf(author, 'lab/older', 'work', { ...RHEL, 'notes.md': 'older' });
    await author.publish('lab/older', {}, { image: 'work' });
    await setting.server.sql(
      `INSERT INTO file_list (image_digest, noise_policy, artifact_digest, document, created_at)
       SELECT $1, 'envarium-noise v1, package-readers v2', 'sha256:' || repeat('0', 64), document - 'demands', now()
       FROM file_list LIMIT 1`,
      [digest],
    );

    expect((await fit('lab/older@v1', 'architecture=amd64')).willItStart.verdict).toBe('yes');
    expect(await read()).toBe(1);
    expect((await fit('lab/older@v1', 'architecture=amd64')).willItStart.verdict).toBe('unknown');
  });

  it('asks no kernel of an image with musl', async () => {
    expect((await fit('lab/alpine@v1', 'architecture=amd64&kernel=2.6.32')).willItStart).toEqual({
      verdict: 'yes',
      reasons: ['The image is for linux/amd64, as is your machine.'],
    });
  });

  it('says it on the command line, of a machine in its options or by its fingerprint', async () => {
    const fingerprint = path.join(setting.work, 'fingerprint.json');
    const said = (value: string): object => ({ value, source: 'lscpu', learned: 'reported' });
    const nothing = { cpu: null, gpus: [], gpuDriver: null, cudaDriverMax: null, memoryBytes: null, problems: [] };
    const old = { architecture: said('x86_64'), operatingSystem: said('Linux'), kernel: said('3.0.101') };
    await writeFile(fingerprint, JSON.stringify({ schemaVersion: 1, ...nothing, ...old }));
    const options = ['--architecture', 'amd64', '--isa-level', 'x86-64-v2', '--kernel', '3.0.101'];

    const stated = await setting.anonymous('resolve', 'lab/rhel@v1', ...options);
    const reported = await setting.anonymous('resolve', 'lab/rhel@v1', '--hardware', fingerprint, '--json');

    expect(stated.stdout).toMatch(
      /^On such a machine \(amd64, x86-64-v2, Linux 3\.0\.101\):\n +will it start\? +no\n +The libc of the image, glibc 2\.34 \(\/usr\/lib64\/libc\.so\.6\), needs Linux 3\.2\.0; your kernel is 3\.0\.101\.\n/,
    );
    expect(reported.document.fit.willItStart.verdict).toBe('no');
    expect((await setting.anonymous('resolve', 'lab/rhel@v1', '--kernel', '3.0.101')).code).toBe(2);
  });
});
