import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentFacts, EnvironmentManifest } from '@envarium/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';
import { askGraphql } from './graphql-client.js';

const runtime = (version: string, core: string): string =>
  JSON.stringify({
    schema: 'envarium-numeric-runtime/1',
    python: { version: '3.12.4', implementation: 'CPython' },
    numpy: { version: '2.1.0', cpuFeatures: ['AVX2', 'FMA3'] },
    libraries: [
      {
        kind: 'openblas',
        file: 'libopenblas.so.0',
        realFile: 'libopenblasp.so',
        config: `OpenBLAS ${version}  DYNAMIC_ARCH ${core}`,
        kernel: core,
        threadingLayer: 'pthreads',
        threads: 4,
      },
    ],
    affinity: 8,
  });
const STATEMENT =
  'numpy 2.1.0 had loaded OpenBLAS 0.3.21 with core type Haswell, up to 4 threads, threading by pthreads, on up to 8 CPUs (numeric-runtime.json).';

describe('e2e/environment-facts', () => {
  let setting: CliSetting;

  beforeAll(async () => {
    setting = await CliSetting.start();
    await setting.admin('namespace', 'create', 'lab');
    await publish('lab/eeg', await files('first', runtime('0.3.21', 'Haswell')));
  });

  afterAll(async () => {
    await setting.stop();
  });

  async function files(name: string, report: string): Promise<string> {
    const directory = path.join(setting.work, name);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'numeric-runtime.json'), report);
    await writeFile(path.join(directory, 'env.txt'), 'PATH=/bin\nOMP_NUM_THREADS=4\n');
    await writeFile(path.join(directory, 'requirements.txt'), 'numpy==2.1.0\n');
    return directory;
  }

  async function publish(record: string, directory: string): Promise<void> {
    const deposited = await setting.admin('deposit', directory, '--record', record, '--json');
    expect(deposited.code, deposited.stderr).toBe(0);
    const version = `${record}@v${deposited.document.version.number}`;
    expect((await setting.admin('publish', version)).code).toBe(0);
  }

  const get = async <T>(route: string): Promise<T> =>
    (await setting.server.anonymous.get(`versions/${route}`).expect(200)).body as T;

  it('archives what was loaded as observed, with its evidence', async () => {
    const { items } = await get<{ items: { path: string; format: string; message: string | null }[] }>(
      'lab%2Feeg@v1/files',
    );
    const manifest = await get<EnvironmentManifest>('lab%2Feeg@v1/environment');

    expect(items.find((file) => file.path === 'numeric-runtime.json')).toMatchObject({
      format: 'numeric-runtime',
      message: null,
    });
    expect(manifest.scopes.find(({ kind }) => kind === 'language')?.numerics).toEqual([
      {
        program: 'numpy',
        version: '2.1.0',
        libraries: [
          {
            kind: 'openblas',
            file: 'libopenblasp.so',
            version: '0.3.21',
            coreType: 'Haswell',
            threadingLayer: 'pthreads',
            threads: 4,
          },
        ],
        cpuFeatures: ['AVX2', 'FMA3'],
        cpus: 8,
        evidence: [{ file: 'numeric-runtime.json', line: 1 }],
      },
    ]);
  });

  it('shows it in REST, GraphQL, on the page and on the command line', async () => {
    const rest = await get<EnvironmentFacts>('lab%2Feeg@v1/environment-facts');
    const { data, errors } = await askGraphql(
      setting.server.anonymous,
      '{ version(reference: "lab/eeg@v1") { environmentFacts { statements scopes { scope numerics { libraries { kind version coreType threads } } } } } }',
    );
    const page = await setting.server.anonymous.get('/records/lab%2Feeg').redirects(2);
    const shown = await setting.anonymous('show', 'lab/eeg@v1');

    expect(rest.statements).toEqual([
      STATEMENT,
      'Set for the host, and able to change numbers: OMP_NUM_THREADS=4 (env.txt).',
    ]);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      version: {
        environmentFacts: {
          statements: rest.statements,
          scopes: [
            { scope: 'HOST', numerics: [] },
            {
              scope: 'LANGUAGE',
              numerics: [{ libraries: [{ kind: 'openblas', version: '0.3.21', coreType: 'Haswell', threads: 4 }] }],
            },
          ],
        },
      },
    });
    expect(page.text).toContain(STATEMENT);
    expect(shown.stdout.split('\n')).toContain(STATEMENT);
  });

  it('tells it first between two versions, on the page with the file that says so', async () => {
    await publish('lab/eeg', await files('second', runtime('0.3.27', 'SkylakeX')));

    const { document } = await setting.anonymous('diff', 'lab/eeg@v1', 'lab/eeg@v2', '--json');
    const page = await setting.server.anonymous.get('/diff?from=lab/eeg@v1&to=lab/eeg@v2').expect(200);

    expect(document.summary.slice(0, 3)).toEqual([
      'Neither has an image.',
      'BLAS of numpy: OpenBLAS 0.3.21 became OpenBLAS 0.3.27 (numeric-runtime.json). The last digits of results may differ.',
      'BLAS core type of numpy: Haswell became SkylakeX (numeric-runtime.json). The last digits of results may differ.',
    ]);
    expect(page.text).toContain('(numeric-runtime.json:1)');
  });

  it('nests what a capture saw inside a container, and shows it', async () => {
    const directory = await files('inside', runtime('0.3.21', 'Haswell'));
    const context = {
      schema: 'envarium-capture-context/1',
      container: { engine: 'podman', image: 'registry.example.org/lab/eeg:1' },
      reports: ['numeric-runtime.json', 'os-release', 'uname.txt', 'env.txt'],
    };
    await writeFile(path.join(directory, 'capture-context.json'), JSON.stringify(context));
    await writeFile(path.join(directory, 'os-release'), 'ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine v3.19"\n');
    await writeFile(path.join(directory, 'uname.txt'), 'Linux localhost 6.1.0-13-amd64 #1 SMP x86_64 GNU/Linux\n');
    await publish('lab/inside', directory);

    const { scopes } = await get<EnvironmentManifest>('lab%2Finside@v1/environment');
    const shown = await setting.anonymous('show', 'lab/inside@v1');

    expect(
      scopes.map(({ kind, within, operatingSystem, numerics = [], packages }) => [
        kind,
        within ?? null,
        operatingSystem?.id ?? null,
        numerics.length,
        packages.length,
      ]),
    ).toEqual([
      ['host', null, 'linux', 0, 0],
      ['container', 0, 'alpine', 0, 0],
      ['language', null, null, 0, 1],
      ['language', 1, null, 1, 0],
    ]);
    expect(shown.stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'Set for the container, and able to change numbers: OMP_NUM_THREADS=4 (env.txt).',
        'The system of the host is linux, kernel 6.1.0-13-amd64 (uname.txt).',
        'The container was run by podman, of the image registry.example.org/lab/eeg:1 (capture-context.json).',
        'The system of the container is Alpine v3.19 (os-release).',
      ]),
    );
  });

  it('shows nothing of a version to whoever may not see it', async () => {
    const directory = await files('secret', runtime('0.3.21', 'Zen'));
    expect((await setting.admin('deposit', directory, '--record', 'lab/secret', '--private')).code).toBe(0);

    await setting.server.anonymous.get('versions/lab%2Fsecret@v1/environment-facts').expect(404);
  });
});
