import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuiltImage, digestOf } from '@envarium/oci';
import { beforeAll, expect, it } from 'vitest';
import { type ClientSetting, describeClient } from './client-program.js';
import { sampleImage, writeArchive } from './sample-image.js';

describeClient('skopeo', 'apt-get install skopeo', (setting) => {
  let image: BuiltImage;

  const copy = (from: string, to: string, ...options: string[]): Promise<string> => {
    const plainHttp = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    return setting().run(['--insecure-policy', 'copy', ...plainHttp, ...options, from, to]);
  };
  const remote = (place: string): string => `docker://${setting().registry.host}/${place}`;
  const login = ({ registry, name, secret }: ClientSetting): Promise<string> =>
    setting().run(['login', '--tls-verify=false', '--authfile=auth.json', '-u', name, '-p', secret, registry.host]);

  beforeAll(async () => {
    image = await sampleImage('skopeo');
    await writeArchive(image, path.join(setting().directory, 'sample.tar'));
  });

  it('logs in with the right password and not with a wrong one', async () => {
    expect(await login(setting())).toContain('Login Succeeded');
    await expect(login({ ...setting(), secret: 'wrong' })).rejects.toThrow(/unauthorized|invalid username/i);
  });

  it('pushes an image whose digest stays, and pulls the same bytes back by digest', async () => {
    await login(setting());
    await copy('oci-archive:sample.tar', remote('lab/skopeo:v1'), '--authfile=auth.json', '--preserve-digests');
    const { digest } = image.manifest;

    await copy(remote(`lab/skopeo@${digest}`), 'dir:pulled', '--authfile=auth.json', '--preserve-digests');

    const pulled = path.join(setting().directory, 'pulled');
    expect(digestOf(await readFile(path.join(pulled, 'manifest.json')))).toBe(digest);
    const files = await readdir(pulled);
    for (const { descriptor } of image.blobs) {
      const hex = descriptor.digest.slice('sha256:'.length);
      expect(files).toContain(hex);
      expect(digestOf(await readFile(path.join(pulled, hex)))).toBe(descriptor.digest);
    }
  });

  it('cannot pull before publication without a login, and can after it', async () => {
    await login(setting());
    await copy('oci-archive:sample.tar', remote('lab/shown:v1'), '--authfile=auth.json');
    await expect(copy(remote('lab/shown:v1'), 'dir:hidden')).rejects.toThrow(/unauthorized|authentication required/);

    await setting().registry.publish('lab/shown');
    await copy(remote(`lab/shown@${image.manifest.digest}`), 'dir:shown');

    const bytes = await readFile(path.join(setting().directory, 'shown', 'manifest.json'));
    expect(digestOf(bytes)).toBe(image.manifest.digest);
  });

  it('mounts layers into a second repository instead of sending them again', async () => {
    await login(setting());
    await copy('oci-archive:sample.tar', remote('lab/from:v1'), '--authfile=auth.json');

    await copy(remote('lab/from:v1'), remote('lab/into:v1'), '--authfile=auth.json', '--preserve-digests');

    const inspect = ['inspect', '--tls-verify=false', '--authfile=auth.json', '--format={{.Digest}}'];
    expect(await setting().run([...inspect, remote('lab/into:v1')])).toBe(image.manifest.digest);
  });

  it('lists tags', async () => {
    await login(setting());
    await copy('oci-archive:sample.tar', remote('lab/tags:v2'), '--authfile=auth.json');
    await copy('oci-archive:sample.tar', remote('lab/tags:v1'), '--authfile=auth.json');

    const listed = await setting().run(['list-tags', '--tls-verify=false', '--authfile=auth.json', remote('lab/tags')]);

    expect(JSON.parse(listed)).toEqual({ Repository: `${setting().registry.host}/lab/tags`, Tags: ['v1', 'v2'] });
  });

  it('deletes an image where nothing is published, and is told why not where something is', async () => {
    const { registry, run, lab } = setting();
    await login(setting());
    const remove = (image: string): Promise<string> =>
      run(['delete', '--tls-verify=false', '--authfile=auth.json', remote(image)]);
    for (const image of ['lab/work:v1', 'lab/kept:v1']) {
      await copy('oci-archive:sample.tar', remote(image), '--authfile=auth.json');
    }
    await registry.publish('lab/kept');

    await remove('lab/work:v1');

    await expect(remove('lab/kept:v1')).rejects.toThrow(/unsupported/i);
    expect((await lab.send('HEAD', '/v2/lab/work/manifests/v1')).status).toBe(404);
    expect((await lab.send('HEAD', '/v2/lab/kept/manifests/v1')).status).toBe(200);
  });
});
