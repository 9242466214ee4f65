import path from 'node:path';
import { type BuiltImage, digestOf } from '@envarium/oci';
import { beforeAll, expect, it } from 'vitest';
import { describeClient } from './client-program.js';
import { sampleImage, writeArchive } from './sample-image.js';

describeClient('crane', 'go install github.com/google/go-containerregistry/cmd/crane@latest', (setting) => {
  let image: BuiltImage;
  const place = (reference: string): string => `${setting().registry.host}/${reference}`;

  beforeAll(async () => {
    const { directory, registry, name, secret, run } = setting();
    image = await sampleImage('crane');
    await writeArchive(image, path.join(directory, 'sample.tar'));
    await run(['auth', 'login', '-u', name, '-p', secret, registry.host]);
  });

  it('pushes an image archive and pulls the same layers back', async () => {
    const { run, lab } = setting();
    const [, digest = ''] = (await run(['push', 'sample.tar', place('lab/crane:v1')])).split('@');

    await run(['pull', '--format=oci', place(`lab/crane@${digest}`), 'pulled']);

    expect(await run(['digest', place('lab/crane:v1')])).toBe(digest);
    expect(digestOf((await lab.send('GET', `/v2/lab/crane/manifests/${digest}`)).body)).toBe(digest);
    await run(['validate', '--remote', place(`lab/crane@${digest}`)]);
  });

  it('copies an image to another repository under the same digest, and lists its tags', async () => {
    const { run } = setting();
    await run(['push', 'sample.tar', place('lab/one:v1')]);

    await run(['copy', place('lab/one:v1'), place('lab/two:v1')]);

    expect(await run(['digest', place('lab/two:v1')])).toBe(await run(['digest', place('lab/one:v1')]));
    expect(await run(['ls', place('lab/two')])).toBe('v1');
  });

  it('is refused without a login, and pulls what is published without one', async () => {
    const { run, registry, directory } = setting();
    await run(['push', 'sample.tar', place('lab/open:v1')]);
    await run(['auth', 'logout', registry.host]);
    try {
      await expect(run(['digest', place('lab/open:v1')])).rejects.toThrow(/UNAUTHORIZED|401/);
      await registry.publish('lab/open');
      await run(['pull', place('lab/open:v1'), path.join(directory, 'open.tar')]);
    } finally {
      const { name, secret } = setting();
      await run(['auth', 'login', '-u', name, '-p', secret, registry.host]);
    }
  });
});
