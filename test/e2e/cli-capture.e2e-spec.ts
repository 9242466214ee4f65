import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import type { EnvironmentManifest } from '@envarium/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';

const SECRET = 'hunter2-Xk39';
const REQUIREMENTS = `--index-url https://ada:${SECRET}@pypi.example.org/simple\nnumpy==2.0.1\n`;
const FIGURE = Buffer.from('<svg/>1,2\n');

describe('e2e/cli-capture', () => {
  let setting: CliSetting;
  let directory: string;
  let capture: string;

  beforeAll(async () => {
    setting = await CliSetting.start();
    await setting.admin('namespace', 'create', 'lab');
  });
  afterAll(async () => {
    await setting.stop();
  });
  beforeEach(async ({ task }) => {
    directory = await setting.analysis(task.id, REQUIREMENTS);
    capture = path.join(directory, '.envarium-capture.tar');
    await writeFile(path.join(directory, 'data.csv'), '1,2\n');
    await writeFile(path.join(directory, 'plot.sh'), `cd "$1"; printf '<svg/>' | cat - data.csv > figure.svg\n`);
  });
  const run = async (...more: string[]) => await setting.anonymous('capture', directory, ...more, '--json');

  /** `--` ends our own options, so the harness must not put its own behind it. */
  const record = async (...command: string[]) =>
    await setting.command('capture', directory, '--json', '--', ...command);

  it('writes one file, without secrets, and deposits it from anywhere', async () => {
    const { document, code } = await run();

    expect(code).toBe(0);
    expect(document.file).toBe(capture);
    const bytes = await readFile(capture);
    expect(bytes.includes(SECRET)).toBe(false);
    expect((await stat(capture)).mode & 0o777).toBe(0o600);
    expect(document.files).toContainEqual(
      expect.objectContaining({ path: 'requirements.txt', redacted: 1, original: digestOf(Buffer.from(REQUIREMENTS)) }),
    );
    const moved = path.join(setting.work, 'moved.tar');
    await writeFile(moved, bytes);
    const deposited = await setting.admin('deposit', moved, '--record', 'lab/moved', '--json');
    expect(deposited.code, deposited.stderr).toBe(0);
    expect(deposited.document.packageFiles).toContainEqual(
      expect.objectContaining({ path: 'requirements.txt', format: 'pip-requirements', secretCount: 0 }),
    );
  });

  it('deposits what was seen where, so that the environment says it', async () => {
    await run();
    const deposited = await setting.admin('deposit', capture, '--record', 'lab/where', '--json');
    expect(deposited.code, deposited.stderr).toBe(0);
    expect((await setting.admin('publish', 'lab/where@v1')).code).toBe(0);

    const { body } = await setting.server.anonymous.get('versions/lab%2Fwhere@v1/environment').expect(200);

    const { scopes } = body as EnvironmentManifest;
    const system = scopes.find(({ operatingSystem }) => operatingSystem?.evidence[0]?.file === 'machine/os-release');
    const id = /^ID="?([\w.-]+)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
    expect(system?.operatingSystem?.id).toBe(id);
    expect(deposited.document.packageFiles).toContainEqual(
      expect.objectContaining({ path: 'machine/capture-context.json', format: 'capture-context', message: null }),
    );
    // What somebody asked for, wherever that was.
    const declared = scopes.find(({ packages }) =>
      packages.some(({ evidence }) => evidence[0]?.file === 'requirements.txt'),
    );
    expect(declared?.within).toBeUndefined();
  });

  it('copies files as they are when told so', async () => {
    const { document } = await run('--verbatim');

    expect(document.files).toContainEqual(
      expect.objectContaining({ digest: digestOf(Buffer.from(REQUIREMENTS)), redacted: 0 }),
    );
  });

  it('records a run, offers it at the deposit, and links the figure with what was seen', async () => {
    const { document, code } = await record('sh', path.join(directory, 'plot.sh'), directory);

    expect(code).toBe(0);
    expect(document.run).toMatchObject({
      exitCode: 0,
      outputs: [{ name: 'figure.svg', digest: digestOf(FIGURE), size: FIGURE.length }],
    });
    expect(document.run.inputs.map(({ name }: { name: string }) => name)).toEqual(['data.csv', 'plot.sh']);
    const deposited = await setting.admin('deposit', directory, '--record', 'lab/run');
    expect(deposited.stdout).toContain(`envarium link lab/run@v1 --article DOI --output "Figure N" --run ${capture}`);
    expect((await setting.admin('publish', 'lab/run@v1')).code).toBe(0);
    const claim = ['--article', '10.5555/capture.1', '--output', 'Figure 1', '--run', capture];
    const linked = await setting.admin('link', 'lab/run@v1', ...claim, '--json');
    expect(linked.code, linked.stderr).toBe(0);
    expect(linked.document.run).toMatchObject({
      command: document.run.command,
      inputs: [{ name: 'data.csv' }, { name: 'plot.sh' }],
      files: [{ name: 'figure.svg', digest: digestOf(FIGURE) }],
    });
  });

  it('keeps the record of a command that fails, and says so', async () => {
    const failed = await record('sh', '-c', 'exit 3');

    expect(failed.code).toBe(1);
    expect(failed.document.error).toMatchObject({ code: 'COMMAND_FAILED', detail: { exitCode: 3, file: capture } });
    const deposited = await setting.admin('deposit', capture, '--record', 'lab/failed', '--json');
    expect(deposited.document.run).toMatchObject({ exitCode: 3 });
  });

  it('runs nothing and writes nothing for a command that is not there', async () => {
    expect((await record('envarium-no-such-program')).code).toBe(2);
    await expect(stat(capture)).rejects.toThrow('ENOENT');
  });

  it('replaces a capture, and no other file', async () => {
    const other = path.join(directory, 'data.csv');

    expect([(await run()).code, (await run()).code]).toEqual([0, 0]);
    expect((await run('--out', other)).code).toBe(2);
    expect(await readFile(other, 'utf8')).toBe('1,2\n');
  });

  it('refuses what is no capture, and one that was damaged', async () => {
    await run();
    const bytes = await readFile(capture);
    const damaged = path.join(setting.work, 'damaged.tar');
    await writeFile(damaged, Buffer.from(bytes.toString('latin1').replace('numpy==2.0.1', 'numpy==9.9.9'), 'latin1'));
    const truncated = path.join(setting.work, 'truncated.tar');
    await writeFile(truncated, bytes.subarray(0, 700));

    const deposit = async (file: string) => await setting.admin('deposit', file, '--record', 'lab/odd');

    expect(await deposit(path.join(directory, 'data.csv'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no capture'),
    });
    expect((await deposit(damaged)).stderr).toContain('is not what was captured');
    expect((await deposit(truncated)).code).not.toBe(0);
    expect(
      (await setting.admin('link', 'lab/odd@v1', '--article', '10.5555/x', '--output', 'Figure 1', '--run', capture))
        .stderr,
    ).toContain('no run is recorded');
  });
});
