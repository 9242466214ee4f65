import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeMachineReports } from './machine-reports.js';

const ADA = { user: 'ada', home: '/gpfs/home/ada', host: 'node17' };
const VARIABLES = ['PATH', 'CONDA_PREFIX', 'OMP_NUM_THREADS', 'TORCH_API_KEY'] as const;

/** Only programs that the test puts there, so that nothing depends on what this machine has. */
describe('cli/capture/machine-reports', () => {
  let directory: string;
  const before = new Map<string, string | undefined>();

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-reports-'));
    for (const name of VARIABLES) before.set(name, process.env[name]);
    process.env['PATH'] = directory;
    delete process.env['CONDA_PREFIX'];
  });
  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rm(directory, { recursive: true });
  });

  async function program(name: string, script: string): Promise<void> {
    const file = path.join(directory, name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }
  const take = async () => await takeMachineReports(directory, ADA);

  it('keeps what each tool says, under the name by which it is read', async () => {
    await program('rpm', `echo 'bash-5.2.15-3.el9.x86_64'`);
    await program('R', `echo 'R version 4.3.1 (2023-06-16)'; echo 'BLAS: /gpfs/home/ada/lib/libblas.so'`);
    await program('julia', `echo 'julia_version = "1.10.0"'`);
    await program('uname', `echo 'Linux node17 6.1.0 #1 SMP x86_64 GNU/Linux'`);

    const { reports } = await take();

    const content = (name: string) => reports.find((report) => report.name === name)?.content;
    expect(content('rpm-qa.txt')).toBe('bash-5.2.15-3.el9.x86_64\n');
    expect(content('sessionInfo.txt')).toBe('R version 4.3.1 (2023-06-16)\nBLAS: /gpfs/home/user/lib/libblas.so\n');
    expect(content('Manifest.toml')).toBe('julia_version = "1.10.0"\n');
    expect(content('uname.txt')).toBe('Linux localhost 6.1.0 #1 SMP x86_64 GNU/Linux\n');
    expect(reports.find(({ name }) => name === 'sessionInfo.txt')?.redacted).toBe(1);
  });

  it('says which reports were taken together, and in which container', async () => {
    await program('uname', `echo 'Linux node17 6.1.0 #1 SMP x86_64 GNU/Linux'`);
    const container = { engine: 'podman', image: 'node17/lab/eeg:1' };

    const inside = await takeMachineReports(directory, ADA, Promise.resolve(container));
    const outside = await takeMachineReports(directory, ADA, Promise.resolve(null));

    const context = ({ reports }: typeof inside): unknown =>
      JSON.parse(reports.find(({ name }) => name === 'capture-context.json')?.content ?? '');
    const reports = expect.arrayContaining(['uname.txt']);
    expect(context(inside)).toEqual({
      schema: 'envarium-capture-context/1',
      container: { engine: 'podman', image: 'localhost/lab/eeg:1' },
      reports,
    });
    expect(context(outside)).toEqual({ schema: 'envarium-capture-context/1', container: null, reports });
    expect(inside.container).toEqual(container);
  });

  it('says why something could not be had', async () => {
    await program('python', 'echo "no module named pip" >&2; exit 1');
    await program('rpm', 'true');

    const { missing } = await take();

    expect(missing).toContainEqual({ source: 'pip freeze', reason: 'ended with 1: no module named pip' });
    expect(missing).toContainEqual({ source: 'rpm -qa', reason: 'says nothing' });
    expect(missing).toContainEqual({ source: 'nvidia-smi -q -x', reason: 'not installed here' });
    expect(missing).toContainEqual({
      source: 'conda',
      reason: 'no environment is active, and conda is not installed here',
    });
  });

  it('takes python3 where there is no python, and the active conda environment without asking conda', async () => {
    await program('python3', `[ "$2" = pip ] && echo numpy==1.26.4`);
    await mkdir(path.join(directory, 'conda-meta'));
    const url = 'https://conda.example.org/t/tk-secret-1/forge/linux-64/zlib-1.3.1-h1_0.conda';
    await writeFile(path.join(directory, 'conda-meta/zlib-1.3.1-h1_0.json'), JSON.stringify({ url }));
    process.env['CONDA_PREFIX'] = directory;

    const { reports } = await take();

    const content = (name: string) => reports.find((report) => report.name === name)?.content;
    expect(content('pip-requirements.txt')).toBe('numpy==1.26.4\n');
    expect(content('conda-explicit.txt')).toMatch(
      /\n@EXPLICIT\nhttps:\/\/conda\.example\.org\/forge\/linux-64\/zlib-1\.3\.1-h1_0\.conda\n$/,
    );
  });

  it('keeps variables that change numbers, and no others', async () => {
    process.env['OMP_NUM_THREADS'] = '4';
    process.env['TORCH_API_KEY'] = 'k1';

    const { reports } = await take();

    const lines = reports.find(({ name }) => name === 'env.txt')?.content.split('\n') ?? [];
    expect(lines).toContain('OMP_NUM_THREADS=4');
    expect(lines.filter((line) => /^(?:PATH|TORCH_API_KEY)=/.test(line))).toEqual([]);
  });
});
