import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../apps/cli/src/run.js';
import { PassThrough } from 'node:stream';
import { CliSetting } from './cli-harness.js';
import { type ProvenSample, publishProven } from './provenance-server.js';

describe('e2e/cli-receipts', () => {
  let setting: CliSetting;
  let sample: ProvenSample;
  let subject: string;
  const file = (name: string): string => path.join(setting.work, name);

  beforeAll(async () => {
    setting = await CliSetting.start();
    sample = await publishProven(setting.server);
    subject = sample.version.imageDigest ?? '';
    expect((await setting.anonymous('keys', '--output', file('keys.pem'))).code).toBe(0);
    expect((await setting.anonymous('receipt', sample.rebuild.id, '--output', file('receipt.json'))).code).toBe(0);
  });
  afterAll(async () => {
    await setting.stop();
  });

  /** Without any server: what is asked of one fails. */
  async function offline(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const stdout = new PassThrough({ encoding: 'utf8', highWaterMark: 2 ** 24 });
    const stderr = new PassThrough({ encoding: 'utf8', highWaterMark: 2 ** 24 });
    const code = await runCli([...args, '--server', 'http://127.0.0.1:1'], { stdout, stderr });
    return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
  }
  const verify = async (receipt: string, ...more: string[]) =>
    await offline('verify', '--receipt', file(receipt), '--key', file('keys.pem'), ...more);

  it('lists the receipts of a version, environment and result apart', async () => {
    const { code, stdout, document } = await setting.anonymous('receipts', 'lab/eeg@v1', '--json');
    const text = await setting.anonymous('receipts', 'lab/eeg@v1');

    expect([code, text.code]).toEqual([0, 0]);
    expect(stdout).not.toBe('');
    expect(document.items).toEqual([sample.rerun, sample.rebuild]);
    expect(text.stdout).toMatch(/same result +within-tolerance +proof/);
    expect(text.stdout).toMatch(/same environment +same-files-but-noise +proof/);
  });

  it('keeps the envelope byte for byte', async () => {
    expect(digestOf(await readFile(file('receipt.json')))).toBe(sample.rebuild.envelopeDigest);
  });

  it('verifies a receipt without any server, and says what it says', async () => {
    const { code, stdout } = await verify('receipt.json', '--digest', subject);

    expect(code).toBe(0);
    for (const text of [
      `signed by ${sample.rebuild.keyId}`,
      `about  ${subject}`,
      'same-files-but-noise: the same files, but for logs and caches',
      'noise:logs: 2 (not material), as in var/log/dpkg.log',
      'buildah 1.28.2, runc 1.1.5',
      'off but for the recording, tested from inside',
      '2026-11-24T09:00:00.000Z to 2026-11-24T09:01:30.000Z',
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it('gives scripts all that was signed', async () => {
    const { stdout } = await verify('receipt.json', '--json');

    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'rebuild',
      subjects: [subject],
      predicate: sample.rebuildPredicate,
    });
  });

  it('says what a repeated run gave, output by output', async () => {
    await setting.anonymous('receipt', sample.rerun.id, '--output', file('rerun.json'));

    const { code, stdout } = await verify('rerun.json');

    expect(code).toBe(0);
    expect(stdout).toContain('within-tolerance, exit code 0');
    expect(stdout).toMatch(/table\.csv +within-tolerance +numbers +1e-12 in row 3\./);
  });

  it.each([
    ['signature-wrong', (text: string) => text.replace('"payload":"ey', '"payload":"fy')],
    ['not-json', (text: string) => text.slice(0, -5)],
    ['not-an-envelope', () => '{}'],
  ])('refuses a receipt with %s as not verified', async (reason, change) => {
    await writeFile(file('changed.json'), change(await readFile(file('receipt.json'), 'utf8')));

    const { code, stderr } = await verify('changed.json');

    expect(code).toBe(6);
    expect(stderr).toContain(`reason: ${reason}`);
  });

  it('refuses a receipt about something else, and one of another archive', async () => {
    const other = await verify('receipt.json', '--digest', `sha256:${'0'.repeat(64)}`);
    const foreign =
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n';
    await writeFile(file('foreign.pem'), foreign);
    const unknown = await offline('verify', '--receipt', file('receipt.json'), '--key', file('foreign.pem'));

    expect([other.code, unknown.code]).toEqual([6, 6]);
    expect(other.stderr).toContain('about something else');
    expect(unknown.stderr).toContain('reason: unknown-key');
  });

  it('says what is missing to verify a receipt', async () => {
    const noKey = await offline('verify', '--receipt', file('receipt.json'));
    const noFile = await verify('nothing.json');
    const both = await offline('verify', 'lab/eeg@v1', '--receipt', file('receipt.json'), '--key', file('keys.pem'));

    expect([noKey.code, noFile.code, both.code]).toEqual([2, 3, 2]);
  });

  it('rotates keys as an administrator; the old receipt still holds with the new list', async () => {
    expect((await setting.anonymous('keys', 'rotate')).code).toBe(4);
    const rotated = await setting.admin('keys', 'rotate', '--json');
    const listed = await setting.anonymous('keys', '--output', file('keys.pem'));

    expect([rotated.code, listed.code]).toEqual([0, 0]);
    expect(listed.stdout).toMatch(new RegExp(`${rotated.document.keyId} .* signs`));
    expect(listed.stdout).toContain('2 keys written');
    expect((await verify('receipt.json')).code).toBe(0);
  });
});
