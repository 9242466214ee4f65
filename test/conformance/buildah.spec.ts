import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import { expect, it } from 'vitest';
import { describeClient } from './client-program.js';

const STORAGE = ['--root=root', '--runroot=runroot', '--storage-driver=vfs'];

describeClient('buildah', 'apt-get install buildah', (setting) => {
  const buildah = (...parameters: string[]): Promise<string> => setting().run([...STORAGE, ...parameters]);

  it('builds an image from nothing, pushes it, and the registry keeps its digest', async () => {
    const { directory, registry, lab, name, secret } = setting();
    await writeFile(path.join(directory, 'analysis.py'), 'print(1)\n');
    const container = await buildah('from', 'scratch');
    await buildah('copy', container, 'analysis.py', '/analysis.py');
    const id = await buildah('commit', '--quiet', container);

    const place = `docker://${registry.host}/lab/buildah:v1`;
    await buildah('push', '--tls-verify=false', `--creds=${name}:${secret}`, '--digestfile=digest', id, place);

    const digest = (await readFile(path.join(directory, 'digest'), 'utf8')).trim();
    const kept = await lab.send('GET', `/v2/lab/buildah/manifests/${digest}`);
    expect(digestOf(kept.body)).toBe(digest);
    expect((await lab.send('HEAD', '/v2/lab/buildah/manifests/v1')).headers['docker-content-digest']).toBe(digest);
  });

  it('is told why an image manifest of schema 1 is not taken, and what to do', async () => {
    const { directory, registry, lab, name, secret } = setting();
    await writeFile(path.join(directory, 'old.py'), 'print 1\n');
    const container = await buildah('from', 'scratch');
    await buildah('copy', container, 'old.py', '/old.py');
    const id = await buildah('commit', '--quiet', '--format=docker', container);

    const place = `docker://${registry.host}/lab/old:v1`;
    const push = buildah('push', '--tls-verify=false', `--creds=${name}:${secret}`, '--format=v2s1', id, place);

    await expect(push).rejects.toThrow(/schema 1, the format of Docker before 1\.10/);
    expect((await lab.send('HEAD', '/v2/lab/old/manifests/v1')).status).toBe(404);
  });
});
