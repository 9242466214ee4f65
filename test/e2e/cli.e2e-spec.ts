import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';
import { pushImage, type TestServer } from './server-harness.js';

const DOI = '10.5555/12345678';

let setting: CliSetting;
let server: TestServer;
let work: string;

const runAs = (token: string | null, ...args: string[]) => setting.runAs(token, ...args);
const admin = (...args: string[]) => setting.admin(...args);
const anonymous = (...args: string[]) => setting.anonymous(...args);
const analysis = (name: string, requirements?: string) => setting.analysis(name, requirements);
const archive = (name: string, content: string) => setting.archive(name, content);
const publish = (record: string, content: string, ...more: string[]) => setting.publish(record, content, ...more);

describe('e2e/cli', () => {
  beforeAll(async () => {
    setting = await CliSetting.start();
    ({ server, work } = setting);
    await admin('namespace', 'create', 'lab');
  });
  afterAll(async () => {
    await setting.stop();
  });

  describe('the story of a figure', () => {
    let directory: string;
    let image: { file: string; digest: string };

    it('deposits what was captured, with the image', async () => {
      directory = await analysis('story');
      await writeFile(path.join(directory, 'data.csv'), '1,2\n');
      await writeFile(path.join(directory, 'figure3.svg'), '<svg/>\n');
      image = await archive('story.tar', 'print("figure 3")\n');
      expect((await admin('capture', directory)).code).toBe(0);

      const args = ['--record', 'lab/story', '--image', `oci-archive:${image.file}`, '--title', 'A story'];
      const { code, document, stderr } = await admin('deposit', directory, ...args, '--json');

      expect(code, stderr).toBe(0);
      expect(document.version).toMatchObject({ title: 'A story', state: 'draft', imageDigest: image.digest });
      expect(document.version.hardware).not.toBeNull();
      expect(document.packageFiles).toContainEqual(
        expect.objectContaining({ path: 'requirements.txt', format: 'pip-requirements', packageCount: 2 }),
      );
      expect(stderr).toMatch(/not package files: 2 files \(data.csv, figure3.svg\)/);
    });

    it('says that nothing is new when the same is deposited again, and sends nothing', async () => {
      const args = ['--record', 'lab/story', '--image', `oci-archive:${image.file}`];

      const { document } = await admin('deposit', directory, ...args, '--json');

      expect(document).toMatchObject({ isNew: false, image: { sentCount: 0, blobCount: 2 } });
    });

    it('warns when a file has changed since it was captured', async () => {
      await writeFile(path.join(directory, 'requirements.txt'), 'numpy==2.1.0\n');

      const { stderr } = await admin('deposit', directory, '--record', 'lab/story');

      expect(stderr).toMatch(/warning: requirements.txt has changed since/);
    });

    it('publishes, and links a figure with its files hashed here', async () => {
      expect((await admin('publish', 'lab/story@v1')).code).toBe(0);
      const files = ['--input', path.join(directory, 'data.csv'), '--file', path.join(directory, 'figure3.svg')];

      const args = ['--article', `doi:${DOI}`, '--output', 'Fig. 3', '--command', 'python fig3.py'];
      const { code, document, stderr } = await admin('link', 'lab/story@v1', ...args, ...files, '--json');

      expect(code, stderr).toBe(0);
      expect(document.output.label).toBe('Figure 3');
      expect(document.run.files).toEqual([{ name: 'figure3.svg', digest: digestOf(Buffer.from('<svg/>\n')), size: 7 }]);
    });

    it('answers what ran it, to anybody, by label and by the bytes of the figure', async () => {
      const byLabel = await anonymous('what-ran', `https://doi.org/${DOI}`, 'Figure 3', '--json');
      const byFile = await anonymous('what-ran', '--file', path.join(directory, 'figure3.svg'), '--json');

      expect(byLabel.code, byLabel.stderr).toBe(0);
      expect(byLabel.document.items).toHaveLength(1);
      expect(byLabel.document.items[0]).toMatchObject({ assertedBy: 'admin', version: { imageDigest: image.digest } });
      expect(byFile.document.items).toEqual(byLabel.document.items);
    });

    it('prints commands to paste for every client', async () => {
      const { stdout } = await anonymous('what-ran', DOI, 'Figure 3');

      const reference = `${new URL(server.url).host}/lab/story@${image.digest}`;
      for (const client of ['docker pull', 'podman pull', 'apptainer pull', 'skopeo copy']) {
        expect(stdout).toMatch(new RegExp(`${client} .*${reference}`));
      }
      expect(stdout).toMatch(/python fig3\.py/);
    });

    it('pulls the image without an account, and keeps what is there and correct', async () => {
      const target = path.join(work, 'pulled');
      const first = await anonymous('pull', 'lab/story@v1', '--output', target, '--json');
      expect(first.document).toMatchObject({ digest: image.digest, fetched: first.document.size });
      expect((await anonymous('pull', 'lab/story@v1', '--output', target, '--json')).document.fetched).toBe(0);

      const blobs = path.join(target, 'blobs/sha256');
      const names = await readdir(blobs);
      const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(blobs, name))).size));
      const largest = path.join(blobs, names[sizes.indexOf(Math.max(...sizes))]!);
      await truncate(largest, 10);
      expect((await anonymous('verify', '--dir', target)).code).toBe(6);

      expect((await anonymous('pull', 'lab/story@v1', '--output', target)).code).toBe(0);
      const verified = await anonymous('verify', '--dir', target, '--digest', image.digest, '--json');
      expect(verified.document).toMatchObject({ imageDigest: image.digest, count: 3, faults: [] });
    });

    it.each([
      ['right', 'a', 0],
      ['wrong', 'b', 6],
    ])('continues a blob that was begun, when its first bytes are %s', async (_, name, code) => {
      const { layer } = await archive('begun.tar', 'print("figure 3")\n');
      const source = path.join(work, 'pulled/blobs/sha256', layer.slice(7));
      const target = path.join(work, `begun-${name}`, 'blobs/sha256');
      await mkdir(target, { recursive: true });
      const begun = (await readFile(source)).subarray(0, 50);
      if (code !== 0) begun[20] = (begun[20] ?? 0) ^ 1;
      await writeFile(path.join(target, `${layer.slice(7)}.partial`), begun);

      const pulled = await anonymous('pull', 'lab/story@v1', '--output', path.join(work, `begun-${name}`));

      expect(pulled.code, pulled.stderr).toBe(code);
      expect((await readdir(target)).filter((each) => each.endsWith('.partial'))).toEqual([]);
    });

    it('pulls one archive that can be deposited as another record', async () => {
      const target = path.join(work, 'pulled.tar');
      const pulled = await anonymous('pull', `lab/story@${image.digest}`, '--tar', target);
      expect(pulled.code, pulled.stderr).toBe(0);

      const args = ['--record', 'lab/copy', '--image', `docker-archive:${target}`];
      const { document } = await admin('deposit', await analysis('copy'), ...args, '--json');

      expect(document.version.imageDigest).toBe(image.digest);
      expect((await anonymous('pull', 'lab/story@v1', '--tar', target)).code).toBe(2);
    });

    it('verifies every byte of the record', async () => {
      const { code, document, stderr } = await anonymous('verify', 'lab/story@v1', '--digest', image.digest, '--json');

      expect(code, stderr).toBe(0);
      expect(document).toMatchObject({ version: 'lab/story@v1', imageDigest: image.digest, faults: [] });
    });

    it('gives the package files back as they were', async () => {
      const target = path.join(work, 'files');

      expect((await anonymous('files', 'lab/story', '--output', target)).code).toBe(0);

      expect(await readFile(path.join(target, 'requirements.txt'), 'utf8')).toBe('numpy==2.0.1\nscipy==1.14.0\n');
    });

    it('resolves what an article prints, and what an image is', async () => {
      const byLabel = await anonymous('resolve', DOI, 'Fig. 3', '--json');
      const [item] = byLabel.document.items;
      const byImage = await anonymous('resolve', item.version.imageDigest, '--json');

      expect(byLabel).toMatchObject({ code: 0, document: { isComplete: true } });
      expect(item).toMatchObject({
        version: { repository: 'lab/story', number: 1 },
        claims: [{ output: 'Figure 3', doi: DOI }],
        resolution: { grade: 'identical' },
      });
      expect(byImage.document.items[0].version.repository).toBe('lab/story');
      const { stdout } = await anonymous('resolve', `https://doi.org/${DOI}`);
      expect(stdout).toMatch(/^lab\/story@v1 [^\n]*\n  Figure 3 of 10\.5555\/12345678: proposed, asserted by /);
    });

    it('prints only what is to be pasted', async () => {
      const docker = await anonymous('resolve', DOI, 'Figure 3', '--for', 'docker');
      const pod = await anonymous('resolve', 'lab/story@v1', '--for', 'kubernetes');

      expect(docker.stdout).toMatch(/^docker pull \S+\/lab\/story@sha256:[0-9a-f]{64}\n$/);
      expect(pod.stdout).toMatch(/^apiVersion: v1\nkind: Pod\n/);
      expect((await anonymous('resolve', 'lab/story@v1', '--for', 'punch-cards')).code).toBe(3);
    });

    it('shows, resolves and lists it', async () => {
      expect((await anonymous('show', 'lab/story')).stdout).toMatch(/1 output linked: Figure 3 of 10\.5555\/12345678/);
      const resolved = await anonymous('resolve', 'lab/story@v1', '--architecture', 'arm64', '--json');
      expect(resolved.document.routes[0]).toMatchObject({ kind: 'pull', grade: 'identical' });
      expect(resolved.document.fit.willItStart.verdict).toBe('emulated-only');
      const lines = (await anonymous('resolve', 'lab/story@v1')).stdout;
      expect(lines).toMatch(
        /^On this machine [^]*\n1\. pull: identical, not proven yet\n[^]*docker pull [^]*re-resolve: partial \(approximate\)/,
      );
      const listed = await anonymous('packages', 'lab/story@v1', '--json');
      expect(listed.document.items).toContainEqual(
        expect.objectContaining({ ecosystem: 'pypi', name: 'numpy', version: '2.0.1' }),
      );
    });
  });

  describe('bad input', () => {
    it('ends with 4 for a token that nobody has', async () => {
      const { code, document } = await runAs('env_wrong', 'whoami', '--json');

      expect(code).toBe(4);
      expect(document.error).toMatchObject({ code: 'TOKEN_INVALID', exitCode: 4 });
    });

    it('ends with 4, and a way out, when nobody deposits', async () => {
      const { code, stderr } = await anonymous('deposit', await analysis('nobody'), '--record', 'lab/nobody');

      expect(code).toBe(4);
      expect(stderr).toMatch(/log in/i);
    });

    it('links nothing to a draft', async () => {
      await admin('deposit', await analysis('draft'), '--record', 'lab/draft');

      const { code, document } = await admin(
        'link',
        'lab/draft@v1',
        '--article',
        DOI,
        '--output',
        'Figure 1',
        '--json',
      );

      expect({ code, error: document.error.code }).toEqual({ code: 1, error: 'VERSION_NOT_PUBLISHED' });
      expect((await admin('verify', 'lab/draft@v1')).code).toBe(1);
    });

    it.each([['show'], ['pull'], ['verify'], ['files'], ['packages'], ['resolve']])(
      'ends with 3 when %s is asked for an unknown record',
      async (command) => {
        expect((await admin(command, 'lab/unknown@v1')).code).toBe(3);
      },
    );

    it('ends with 3 when there is nothing to resolve, and with 2 for half a digest', async () => {
      expect((await anonymous('resolve', '10.5555/none', 'Figure 1')).code).toBe(3);
      expect((await anonymous('resolve', `sha256:${'0'.repeat(64)}`)).code).toBe(3);
      expect((await anonymous('resolve', 'sha256:00')).code).toBe(2);
    });

    it('ends with 3 when nothing is known of a figure', async () => {
      const { code, document } = await anonymous('what-ran', '10.5555/none', 'Figure 1', '--json');

      expect({ code, error: document.error.code }).toEqual({ code: 3, error: 'NOT_FOUND' });
    });

    it('refuses an archive that is cut off, and deposits nothing', async () => {
      const { file } = await archive('cut.tar', 'x'.repeat(100_000));
      await truncate(file, 2000);

      const args = ['--record', 'lab/cut', '--image', `oci-archive:${file}`];
      const { code, stderr } = await admin('deposit', await analysis('cut'), ...args);

      expect(code).toBe(1);
      expect(stderr).toMatch(/The file ends too early/);
      expect((await admin('show', 'lab/cut')).code).toBe(3);
    });

    it('ends with 6 for an archive in which a byte has changed', async () => {
      const { file } = await archive('flipped.tar', 'unchanged');
      const bytes = await readFile(file);
      const gzip = bytes.lastIndexOf(Buffer.from([0x1f, 0x8b, 0x08]));
      bytes[gzip + 20] = (bytes[gzip + 20] ?? 0) ^ 1;
      await writeFile(file, bytes);

      const args = ['--record', 'lab/flipped', '--image', `oci-archive:${file}`];
      const { code, document } = await admin('deposit', await analysis('flipped'), ...args, '--json');

      expect({ code, error: document.error.code }).toEqual({ code: 6, error: 'DIGEST_INVALID' });
    });

    it('publishes a version once', async () => {
      await publish('lab/once', 'once');

      const { code, document } = await admin('publish', 'lab/once@v1', '--json');

      expect({ code, error: document.error.code }).toEqual({ code: 1, error: 'VERSION_PUBLISHED' });
    });

    it('publishes what looks like a secret only when told to', async () => {
      const secret = '--index-url https://alice:hunter2-hunter2@pypi.example.org/simple\nnumpy==2.0.1\n';
      const deposited = await admin('deposit', await analysis('secret', secret), '--record', 'lab/secret');
      expect(deposited.stderr).toMatch(/requirements.txt: 1 place that may hold a secret/);

      const refused = await admin('publish', 'lab/secret@v1', '--json');

      expect(refused.document.error.code).toBe('SECRET_FOUND');
      expect((await admin('publish', 'lab/secret@v1', '--accept-secrets')).code).toBe(0);
    });

    it('does not write over files of others', async () => {
      const target = await analysis('thesis');

      expect((await anonymous('pull', 'lab/story@v1', '--output', target)).code).toBe(2);

      expect(await readdir(target)).toEqual(['requirements.txt']);
    });

    it('finds a byte that has changed in the store', async () => {
      const { layer } = await publish('lab/rotten', 'rotten');
      const hex = layer.slice('sha256:'.length);
      const file = path.join(server.dataDir, 'store/blobs/sha256', hex.slice(0, 2), hex);
      await chmod(file, 0o644);
      const bytes = await readFile(file);
      bytes[15] = (bytes[15] ?? 0) ^ 1;
      await writeFile(file, bytes);

      const verified = await anonymous('verify', 'lab/rotten@v1', '--json');
      const pulled = await anonymous('pull', 'lab/rotten@v1', '--output', path.join(work, 'rotten'));

      expect(verified.code).toBe(6);
      expect(verified.document.error.detail.faults).toEqual([expect.stringContaining(layer)]);
      expect(pulled.code).toBe(6);
    });
  });

  describe('rights', () => {
    it('keeps a private record from other tenants as if it were not there', async () => {
      const { digest } = await publish('lab/private', 'private', '--private');
      const stranger = (await server.account('stranger', { elsewhere: 'owner' })).token;
      const member = (await server.account('member', { lab: 'reader' })).token;

      for (const command of ['show', 'pull', 'verify', 'files']) {
        expect((await runAs(stranger, command, 'lab/private@v1')).code).toBe(3);
        expect((await anonymous(command, 'lab/private@v1')).code).toBe(3);
      }
      expect((await runAs(stranger, 'pull', `lab/private@${digest}`)).code).toBe(3);
      expect((await anonymous('pull', `lab/private@${digest}`)).code).toBe(4);
      expect((await runAs(member, 'verify', 'lab/private@v1')).code).toBe(0);
      expect((await runAs(stranger, 'deposit', await analysis('intruder'), '--record', 'lab/private')).code).toBe(3);
      expect((await runAs(member, 'deposit', await analysis('intruder'), '--record', 'lab/private')).code).toBe(4);
    });

    it('does not promise privacy to a record that is public already', async () => {
      const { code, stderr } = await admin('deposit', await analysis('late'), '--record', 'lab/story', '--private');

      expect(code).toBe(2);
      expect(stderr).toMatch(/lab\/story is public already/);
    });

    it('takes an image that was pushed before, by its tag', async () => {
      const pushed = await pushImage(server.admin, 'lab/pushed', 'v1');

      const args = ['--record', 'lab/pushed', '--image', 'registry:v1'];
      const { document } = await admin('deposit', await analysis('pushed'), ...args, '--json');

      expect(document.version.imageDigest).toBe(pushed.digest);
    });

    it('creates, lists and revokes tokens', async () => {
      await admin('account', 'create', 'alice');
      await admin('namespace', 'member', 'lab', 'alice', '--role', 'reader');
      const { document: created } = await admin('token', 'create', 'laptop', '--account', 'alice', '--json');
      expect((await runAs(created.secret, 'whoami', '--json')).document).toMatchObject({
        account: 'alice',
        memberships: [{ namespace: 'lab', role: 'reader' }],
      });

      expect((await runAs(created.secret, 'token', 'list')).stdout).toMatch(/laptop/);
      expect((await runAs(created.secret, 'token', 'revoke', created.id)).code).toBe(0);

      expect((await runAs(created.secret, 'whoami')).code).toBe(4);
    });
  });
});
