import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuiltImage, digestOf } from '@envarium/oci';
import { beforeAll, expect, it } from 'vitest';
import { describeClient } from './client-program.js';
import { sampleImage, writeArchive } from './sample-image.js';

describeClient('regctl', 'go install github.com/regclient/regclient/cmd/regctl@v0.9.2', (setting) => {
  let image: BuiltImage;
  const place = (reference: string): string => `${setting().registry.host}/${reference}`;

  beforeAll(async () => {
    const { directory, registry, name, secret, run } = setting();
    image = await sampleImage('regctl');
    await writeArchive(image, path.join(directory, 'sample.tar'));
    await writeFile(path.join(directory, 'note.txt'), 'seen\n');
    await run(['registry', 'set', '--tls=disabled', '--skip-check', registry.host]);
    await run(['registry', 'login', '--user', name, '--pass', secret, '--skip-check', registry.host]);
  });

  it('imports an image archive, and finds the same digest and bytes by tag', async () => {
    const { run, lab } = setting();

    await run(['image', 'import', place('lab/regctl:v1'), 'sample.tar']);

    const digest = await run(['image', 'digest', place('lab/regctl:v1')]);
    expect(digest).toBe(image.manifest.digest);
    expect(digestOf((await lab.send('GET', `/v2/lab/regctl/manifests/${digest}`)).body)).toBe(digest);
  });

  it('copies an image with its referrers to another repository under the same digests', async () => {
    const { run, lab } = setting();
    await run(['image', 'import', place('lab/one:v1'), 'sample.tar']);
    await run([
      'artifact',
      'put',
      '--artifact-type=application/vnd.example.review',
      '--file=note.txt',
      `--subject=${place('lab/one:v1')}`,
    ]);

    await run(['image', 'copy', '--referrers', place('lab/one:v1'), place('lab/two:v1')]);

    expect(await run(['image', 'digest', place('lab/two:v1')])).toBe(image.manifest.digest);
    const referrers = async (repository: string): Promise<string[]> => {
      const { json } = await lab.send('GET', `/v2/${repository}/referrers/${image.manifest.digest}`);
      return (json as { manifests: { digest: string }[] }).manifests.map(({ digest }) => digest);
    };
    expect(await referrers('lab/two')).toEqual(await referrers('lab/one'));
    expect(await referrers('lab/two')).toHaveLength(1);
  });

  it('pushes a blob in chunks, and gets it back', async () => {
    const { run, directory, lab } = setting();
    const bytes = Buffer.from('0123456789'.repeat(100_000));
    await writeFile(path.join(directory, 'blob.bin'), bytes);
    await run(['image', 'import', place('lab/chunks:v1'), 'sample.tar']);
    await run([
      'registry',
      'set',
      '--tls=disabled',
      '--skip-check',
      '--blob-chunk=65536',
      '--blob-max=65536',
      setting().registry.host,
    ]);

    await run([
      'artifact',
      'put',
      '--artifact-type=application/vnd.example.data',
      '--file=blob.bin',
      place('lab/chunks:data'),
    ]);

    const pulled = await lab.send('GET', `/v2/lab/chunks/blobs/${digestOf(bytes)}`);
    expect([pulled.status, pulled.body.equals(bytes)]).toEqual([200, true]);
  });

  it('lists tags, and deletes one while its image stays', async () => {
    const { run, lab } = setting();
    await run(['image', 'import', place('lab/tags:a'), 'sample.tar']);
    await run(['image', 'copy', place('lab/tags:a'), place('lab/tags:b')]);

    await run(['tag', 'rm', place('lab/tags:a')]);

    expect(await run(['tag', 'ls', place('lab/tags')])).toBe('b');
    expect((await lab.send('HEAD', `/v2/lab/tags/manifests/${image.manifest.digest}`)).status).toBe(200);
  });
});
