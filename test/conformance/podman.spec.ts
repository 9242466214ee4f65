import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeClient } from './client-program.js';
import { sampleImage, writeArchive } from './sample-image.js';

/** Nothing is run, so no container runtime, no network and no special file system are needed. */
const STORAGE = ['--root=root', '--runroot=runroot', '--storage-driver=vfs', '--cgroup-manager=cgroupfs'];

describeClient('podman', 'apt-get install podman', (setting) => {
  const podman = (...parameters: string[]): Promise<string> => setting().run([...STORAGE, ...parameters]);

  beforeAll(async () => {
    const { directory, registry, name, secret } = setting();
    await writeArchive(await sampleImage('podman'), path.join(directory, 'sample.tar'));
    await podman('login', '--tls-verify=false', '--authfile=auth.json', '-u', name, '-p', secret, registry.host);
  });

  it('pushes an image, and pulls the same digest back', async () => {
    const { registry, lab, directory } = setting();
    const image = `${registry.host}/lab/podman`;
    await podman('pull', '--quiet', 'oci-archive:sample.tar');
    const id = (await podman('images', '--quiet', '--no-trunc')).split('\n')[0] ?? '';
    await podman('push', '--tls-verify=false', '--authfile=auth.json', '--digestfile=digest', id, `${image}:v1`);
    const digest = (await readFile(path.join(directory, 'digest'), 'utf8')).trim();
    await podman('rmi', '--all', '--force');

    await podman('pull', '--quiet', '--tls-verify=false', '--authfile=auth.json', `${image}@${digest}`);

    expect(await podman('image', 'inspect', '--format={{.Digest}}', `${image}@${digest}`)).toBe(digest);
    const head = await lab.send('HEAD', '/v2/lab/podman/manifests/v1');
    expect(head.headers['docker-content-digest']).toBe(digest);
  });

  it('cannot pull what is not published without a login', async () => {
    const { registry } = setting();
    await podman('pull', '--quiet', 'oci-archive:sample.tar');
    const id = (await podman('images', '--quiet', '--no-trunc')).split('\n')[0] ?? '';
    await podman('push', '--tls-verify=false', '--authfile=auth.json', id, `${registry.host}/lab/closed:v1`);

    const pull = podman('pull', '--tls-verify=false', '--authfile=config.json', `${registry.host}/lab/closed:v1`);

    await expect(pull).rejects.toThrow(/unauthorized|authentication required/);
  });
});
