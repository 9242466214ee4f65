import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeClient } from './client-program.js';

describeClient('oras', 'go install oras.land/oras/cmd/oras@v1.2.3', (setting) => {
  const oras = (command: string, ...parameters: string[]): Promise<string> =>
    setting().run([command, '--registry-config=auth.json', '--plain-http', ...parameters]);
  const place = (reference: string): string => `${setting().registry.host}/${reference}`;

  beforeAll(async () => {
    const { directory, registry, name, secret } = setting();
    await writeFile(path.join(directory, 'renv.lock'), '{"R":{"Version":"4.3.2"}}\n');
    await writeFile(path.join(directory, 'review.txt'), 'seen\n');
    await oras('login', '-u', name, '-p', secret, registry.host);
  });

  it('pushes an artifact and pulls the same file back by digest', async () => {
    await oras('push', '--artifact-type=application/vnd.example.lock', place('lab/oras:v1'), 'renv.lock:text/plain');
    const digest = await oras('resolve', place('lab/oras:v1'));

    await oras('pull', '--output=pulled', place(`lab/oras@${digest}`));

    expect(await readFile(path.join(setting().directory, 'pulled/renv.lock'), 'utf8')).toBe(
      '{"R":{"Version":"4.3.2"}}\n',
    );
    const head = await setting().lab.send('HEAD', '/v2/lab/oras/manifests/v1');
    expect(head.headers['docker-content-digest']).toBe(digest);
  });

  it('attaches an artifact and finds it through the referrers API, without a fallback tag', async () => {
    await oras('push', '--artifact-type=application/vnd.example.lock', place('lab/trail:v1'), 'renv.lock:text/plain');
    await oras(
      'attach',
      '--artifact-type=application/vnd.example.review',
      place('lab/trail:v1'),
      'review.txt:text/plain',
    );

    const found = await oras('discover', '--format=json', place('lab/trail:v1'));

    expect(JSON.parse(found)).toMatchObject({ manifests: [{ artifactType: 'application/vnd.example.review' }] });
    expect((await setting().lab.send('GET', '/v2/lab/trail/tags/list')).json).toEqual({
      name: 'lab/trail',
      tags: ['v1'],
    });
  });

  it('copies an artifact with everything attached to it', async () => {
    await oras(
      'push',
      '--artifact-type=application/vnd.example.lock',
      place('lab/original:v1'),
      'renv.lock:text/plain',
    );
    await oras(
      'attach',
      '--artifact-type=application/vnd.example.review',
      place('lab/original:v1'),
      'review.txt:text/plain',
    );

    const options = [
      '--from-plain-http',
      '--to-plain-http',
      '--from-registry-config=auth.json',
      '--to-registry-config=auth.json',
    ];
    await setting().run(['cp', '-r', ...options, place('lab/original:v1'), place('lab/copied:v1')]);

    const digest = await oras('resolve', place('lab/original:v1'));
    expect(await oras('resolve', place('lab/copied:v1'))).toBe(digest);
    const referrers = await setting().lab.send('GET', `/v2/lab/copied/referrers/${digest}`);
    expect(referrers.json).toMatchObject({ manifests: [{ artifactType: 'application/vnd.example.review' }] });
  });
});
