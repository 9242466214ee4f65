import { rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeClient } from './client-program.js';

const INSTALLATION = 'go install github.com/sigstore/cosign/v2/cmd/cosign@v2.6.1';
/** No transparency log is asked: the tests reach nothing but the registry. */
const OFFLINE = { COSIGN_PASSWORD: '', COSIGN_EXPERIMENTAL: '0', SIGSTORE_NO_CACHE: '1' };

describeClient('cosign', INSTALLATION, (setting) => {
  const cosign = (...parameters: string[]): Promise<string> => setting().run(parameters, OFFLINE);
  const plain = ['--allow-http-registry', '--allow-insecure-registry'];
  const place = (reference: string): string => `${setting().registry.host}/${reference}`;
  const sign = (reference: string, ...more: string[]): Promise<string> =>
    cosign('sign', '--yes', '--key=cosign.key', '--tlog-upload=false', ...plain, ...more, reference);
  const verify = (reference: string): Promise<string> =>
    cosign('verify', '--key=cosign.pub', '--insecure-ignore-tlog', ...plain, reference);

  beforeAll(async () => {
    const { registry, name, secret } = setting();
    await cosign('generate-key-pair');
    await cosign('login', '-u', name, '-p', secret, registry.host);
  });

  it('signs an image under the tag of its digest, and verifies it', async () => {
    const { lab } = setting();
    const image = await lab.pushImage('lab/signed', 'v1');

    await sign(place(`lab/signed@${image.digest}`));

    const tag = `${image.digest.replace(':', '-')}.sig`;
    expect((await lab.send('GET', '/v2/lab/signed/tags/list')).json).toEqual({ name: 'lab/signed', tags: [tag, 'v1'] });
    expect(await verify(place(`lab/signed@${image.digest}`))).toContain(image.digest);
  });

  it('adds a second signature to the first, which moves the tag, also where a version is published', async () => {
    const { lab, registry } = setting();
    const image = await lab.pushImage('lab/archived', 'v1');
    await sign(place(`lab/archived@${image.digest}`));
    await registry.publish('lab/archived');

    await sign(place(`lab/archived@${image.digest}`), '-a', 'by=second');

    const signatures = JSON.parse((await verify(place(`lab/archived@${image.digest}`))).split('\n').at(-1) ?? '[]');
    expect(signatures).toHaveLength(2);
    const tag = `${image.digest.replace(':', '-')}.sig`;
    const moves = await registry.prisma.tagEvent.count({ where: { repository: { name: 'lab/archived' }, name: tag } });
    expect(moves).toBe(2);
  });

  it('does not verify what nobody signed', async () => {
    const image = await setting().lab.pushImage('lab/unsigned', 'v1');

    await expect(verify(place(`lab/unsigned@${image.digest}`))).rejects.toThrow(/no signatures found/);
  });

  it('verifies a published image without a login', async () => {
    const { lab, registry, directory, name, secret } = setting();
    const image = await lab.pushImage('lab/open', 'v1');
    await sign(place(`lab/open@${image.digest}`));
    await registry.publish('lab/open');
    await rm(path.join(directory, 'config.json'));
    try {
      expect(await verify(place(`lab/open@${image.digest}`))).toContain(image.digest);
    } finally {
      await cosign('login', '-u', name, '-p', secret, registry.host);
    }
  });
});
