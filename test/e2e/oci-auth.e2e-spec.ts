import { createHmac } from 'node:crypto';
import { AccountsService, AuthenticationService } from '@envarium/access';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OciClient, PushedImage } from './oci-client.js';
import { ADMIN_TOKEN, startRegistry, type TestRegistry } from './oci-harness.js';

let registry: TestRegistry;
/** Depositor of `lab`, which holds a private image; `clinic` belongs to somebody else. */
let ana: OciClient;
let reader: OciClient;
let stranger: OciClient;
let image: PushedImage;
let published: PushedImage;

beforeAll(async () => {
  registry = await startRegistry();
  ana = await registry.account('ana', 'depositor', 'lab');
  reader = await registry.account('rea', 'reader', 'lab');
  stranger = await registry.account('sam', 'owner', 'clinic');
  image = await ana.pushImage('lab/unpublished', 'v1');
  published = await ana.pushImage('lab/published', 'v1');
  await registry.publish('lab/published');
});
afterAll(async () => {
  await registry.stop();
});

function challenge(parameters: string): string {
  return `Bearer realm="http://${registry.host}/token",service="${registry.host}"${parameters}`;
}

describe('oci/auth', () => {
  it('asks everybody without a token for one on /v2/', async () => {
    const answer = await registry.anonymous.send('GET', '/v2/');

    expect([answer.status, answer.code]).toEqual([401, 'UNAUTHORIZED']);
    expect(answer.headers['www-authenticate']).toBe(challenge(''));
  });

  it('lets in at /v2/ who brings a password, an access token, a registry token or an anonymous token', async () => {
    for (const client of [
      ana,
      ana.bearer(ADMIN_TOKEN),
      await ana.withScopes(),
      await registry.anonymous.withScopes(),
    ]) {
      expect((await client.send('GET', '/v2/')).status).toBe(200);
    }
  });

  it.each([
    ['Basic of a wrong password', `Basic ${Buffer.from('ana:wrong').toString('base64')}`],
    ['Basic of an unknown account', `Basic ${Buffer.from(`bob:${ADMIN_TOKEN}`).toString('base64')}`],
    ['Basic with a NUL', `Basic ${Buffer.from(`a\0b:${ADMIN_TOKEN}`).toString('base64')}`],
    ['Basic that is no base64', 'Basic ***'],
    ['an unknown access token', 'Bearer env_nothing'],
    ['a forged registry token', 'Bearer envr.eyJzdWIiOiJhZG1pbiJ9.aaaa'],
    ['a registry token of three empty parts', 'Bearer envr..'],
    ['an unknown scheme', 'Digest username="ana"'],
    ['a scheme alone', 'Bearer'],
  ])('refuses %s with invalid_token', async (_what, authorization) => {
    for (const url of ['/v2/', '/v2/lab/published/manifests/v1']) {
      const answer = await registry.anonymous.send('GET', url, { headers: { authorization } });
      expect([answer.status, answer.code]).toEqual([401, 'UNAUTHORIZED']);
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    }
  });

  it('refuses a registry token that has expired', async () => {
    const { token } = (await ana.send('GET', '/token?scope=repository:lab/unpublished:pull')).json as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    const { signingSecret } = registry.get(AuthenticationService) as unknown as { signingSecret: string };
    const body = Buffer.from(JSON.stringify({ ...claims, exp: Math.floor(Date.now() / 1000) - 1 })).toString(
      'base64url',
    );
    const signature = createHmac('sha256', signingSecret).update(`registry-token:${body}`).digest('base64url');
    expect((await ana.bearer(token).send('GET', '/v2/lab/unpublished/manifests/v1')).status).toBe(200);

    const answer = await ana.bearer(`envr.${body}.${signature}`).send('GET', '/v2/lab/unpublished/manifests/v1');

    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(
      challenge(',scope="repository:lab/unpublished:pull",error="invalid_token"'),
    );
  });

  it('refuses a registry token whose claims were changed', async () => {
    const { token } = (await stranger.send('GET', '/token')).json as { token: string };
    const [prefix, , signature] = token.split('.');
    const claims = { sub: 'admin', access: [], iat: 0, exp: 4_000_000_000 };
    const forged = [prefix, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');

    expect((await stranger.bearer(forged).send('GET', '/v2/')).status).toBe(401);
  });

  it('refuses an access token that was revoked, and registry tokens of an account that was disabled', async () => {
    const leaver = await registry.account('leo', 'depositor', 'lab');
    const token = await leaver.withScopes('repository:lab/unpublished:pull');
    const url = '/v2/lab/unpublished/manifests/v1';
    expect([(await leaver.send('GET', url)).status, (await token.send('GET', url)).status]).toEqual([200, 200]);

    await registry.prisma.accessToken.updateMany({
      where: { account: { name: 'leo' } },
      data: { revokedAt: new Date() },
    });
    await registry.prisma.account.update({ where: { name: 'leo' }, data: { disabledAt: new Date() } });

    expect([(await leaver.send('GET', url)).status, (await token.send('GET', url)).status]).toEqual([401, 401]);
  });

  it('gives what is published to everybody, with no token and with any token', async () => {
    for (const client of [
      registry.anonymous,
      await registry.anonymous.withScopes(),
      stranger,
      await stranger.withScopes(),
    ]) {
      const manifest = await client.send('GET', '/v2/lab/published/manifests/v1');
      expect(manifest.body.equals(published.bytes)).toBe(true);
      const blob = await client.send('GET', `/v2/lab/published/blobs/${published.layer.digest}`);
      expect(blob.body.equals(published.layer.bytes)).toBe(true);
    }
  });

  it('lets shared caches keep what nobody had to log in for, and nothing else', async () => {
    const url = `/v2/lab/published/blobs/${published.layer.digest}`;

    const [open, own] = [await registry.anonymous.send('HEAD', url), await ana.send('HEAD', url)];

    expect(open.headers['cache-control']).toBe('max-age=31536000, immutable');
    expect(own.headers['cache-control']).toBe('private, max-age=31536000, immutable');
  });

  it('answers the same for what is not published and for what does not exist', async () => {
    const places = ['manifests/v1', `blobs/${image.layer.digest}`, 'tags/list', `manifests/${image.digest}`];
    for (const place of places) {
      for (const repository of ['lab/unpublished', 'lab/absent', 'nobody/absent']) {
        const asked = `,scope="repository:${repository}:pull"`;
        const open = await registry.anonymous.send('GET', `/v2/${repository}/${place}`);
        expect([open.status, open.code]).toEqual([401, 'UNAUTHORIZED']);
        expect(open.headers['www-authenticate']).toBe(challenge(asked));
        const anonymousToken = await registry.anonymous.withScopes(`repository:${repository}:pull`);
        const tokened = await anonymousToken.send('GET', `/v2/${repository}/${place}`);
        expect(tokened.headers['www-authenticate']).toBe(challenge(`${asked},error="insufficient_scope"`));
        for (const client of [stranger, await stranger.withScopes(`repository:${repository}:pull,push`)]) {
          const answer = await client.send('GET', `/v2/${repository}/${place}`);
          expect([answer.status, answer.code]).toEqual([404, 'NAME_UNKNOWN']);
        }
      }
    }
  });

  it('does not tell strangers that referrers of an unpublished image exist', async () => {
    await ana.pushBlob('lab/unpublished', Buffer.from('{}'));
    const url = `/v2/lab/unpublished/referrers/${image.digest}`;

    expect((await stranger.send('GET', url)).json).toMatchObject({ manifests: [] });
    expect((await registry.anonymous.send('GET', url)).status).toBe(401);
  });

  it.each([
    ['POST', '/v2/lab/unpublished/blobs/uploads/'],
    ['PUT', '/v2/lab/unpublished/manifests/v2'],
    ['PATCH', '/v2/lab/unpublished/blobs/uploads/00000000-0000-4000-8000-000000000000'],
  ])('lets depositors alone %s', async (method, url) => {
    const open = await registry.anonymous.send(method, url, { body: Buffer.from('{}') });
    expect(open.status).toBe(401);
    expect(open.headers['www-authenticate']).toBe(challenge(',scope="repository:lab/unpublished:pull,push"'));
    const asReader = await reader.send(method, url, { body: Buffer.from('{}') });
    expect([asReader.status, asReader.code]).toEqual([403, 'DENIED']);
    const asStranger = await stranger.send(method, url, { body: Buffer.from('{}') });
    expect([asStranger.status, asStranger.code]).toEqual([404, 'NAME_UNKNOWN']);
    const narrow = await ana.withScopes('repository:lab/unpublished:pull');
    const tooNarrow = await narrow.send(method, url, { body: Buffer.from('{}') });
    expect(tooNarrow.status).toBe(401);
    expect(tooNarrow.headers['www-authenticate']).toBe(
      challenge(',scope="repository:lab/unpublished:pull,push",error="insufficient_scope"'),
    );
  });

  it('makes no repository when somebody continues an upload that never was', async () => {
    const answer = await ana.send('PATCH', '/v2/lab/imagined/blobs/uploads/00000000-0000-4000-8000-000000000000');

    expect([answer.status, answer.code]).toEqual([404, 'NAME_UNKNOWN']);
    expect(await registry.prisma.repository.count({ where: { name: 'lab/imagined' } })).toBe(0);
  });

  it('refuses a name without a namespace, and says how it should look', async () => {
    const answer = await registry.admin.send('POST', '/v2/eeg/blobs/uploads/');

    expect([answer.status, answer.code]).toEqual([400, 'NAME_INVALID']);
    expect(answer.json).toHaveProperty('errors.0.detail.example', 'lab/eeg');
  });

  it('holds a registry token to the repositories and actions that it names', async () => {
    const token = await ana.withScopes('repository:lab/published:pull,push');

    expect((await token.send('POST', '/v2/lab/published/blobs/uploads/')).status).toBe(202);
    const other = await token.send('POST', '/v2/lab/unpublished/blobs/uploads/');
    expect(other.headers['www-authenticate']).toContain('error="insufficient_scope"');
    expect((await token.send('GET', '/v2/lab/unpublished/tags/list')).status).toBe(401);
  });

  it('mounts only from where the token may read', async () => {
    const mount = (client: OciClient, from: string) =>
      client.send('POST', `/v2/lab/target/blobs/uploads/?mount=${image.layer.digest}&from=${from}`);
    const both = await ana.withScopes('repository:lab/target:pull,push repository:lab/unpublished:pull');
    const target = await ana.withScopes('repository:lab/target:pull,push');
    const clinic = await registry.admin.pushImage('clinic/private', 'v1');

    const narrow = await mount(target, 'lab/unpublished');
    expect([narrow.status, narrow.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('scope="repository:lab/target:pull,push repository:lab/unpublished:pull"'),
    ]);
    const mounted = await mount(both, 'lab/unpublished');
    expect([mounted.status, mounted.headers.location]).toEqual([201, `/v2/lab/target/blobs/${image.layer.digest}`]);
    expect((await ana.send('GET', `/v2/lab/target/blobs/${image.layer.digest}`)).body.equals(image.layer.bytes)).toBe(
      true,
    );
    const foreign = `/v2/lab/target/blobs/uploads/?mount=${clinic.layer.digest}&from=clinic/private`;
    expect((await ana.send('POST', foreign)).status).toBe(202);
    expect((await ana.send('HEAD', `/v2/lab/target/blobs/${clinic.layer.digest}`)).status).toBe(404);
    for (const from of ['lab/absent', 'Not-A-Name', '', 'nul%00']) expect((await mount(ana, from)).status).toBe(202);
    expect((await mount(ana, 'lab/published')).status).toBe(202);
  });
});

describe('oci/token', () => {
  it('gives a token under both names, with its life time', async () => {
    const answer = await ana.send(
      'GET',
      `/token?account=ana&client_id=docker&offline_token=true&service=${registry.host}`,
    );

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    const { token, access_token, expires_in, issued_at } = answer.json as Record<string, string>;
    expect([access_token, expires_in]).toEqual([token, 900]);
    expect(Math.abs(Date.now() - Date.parse(issued_at ?? ''))).toBeLessThan(10_000);
  });

  it('refuses a wrong password with 401', async () => {
    const answer = await registry.anonymous.as({ name: 'ana', secret: 'wrong' }).send('GET', '/token');

    expect([answer.status, answer.code]).toEqual([401, 'UNAUTHORIZED']);
    expect(answer.headers['www-authenticate']).toBe(`Basic realm="${registry.host}"`);
  });

  it('reads scopes in all their spellings, and drops what is none', async () => {
    const scopes = [
      'repository:lab/published:push,pull repository:lab/published:pull',
      'repository:lab/unpublished:delete,pull',
      'registry:catalog:* repository:: repository:lab/%00:pull nonsense',
    ];
    const token = await ana.withScopes(...scopes);

    expect((await token.send('POST', '/v2/lab/published/blobs/uploads/')).status).toBe(202);
    expect((await token.send('GET', '/v2/lab/unpublished/tags/list')).status).toBe(200);
    expect((await token.send('POST', '/v2/lab/unpublished/blobs/uploads/')).status).toBe(401);
  });

  it('takes the form of containerd, with several scopes in one field', async () => {
    const form = new URLSearchParams({
      client_id: 'containerd-client',
      grant_type: 'password',
      username: 'ana',
      password: ana.credentials?.secret ?? '',
      scope: 'repository:lab/unpublished:pull repository:lab/published:pull,push',
      service: registry.host,
    });
    const post = async (body: URLSearchParams) =>
      await registry.anonymous.send('POST', '/token', {
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: Buffer.from(body.toString()),
      });

    const answer = await post(form);
    expect(answer.status).toBe(200);
    const { access_token: token } = answer.json as { access_token: string };
    expect((await ana.bearer(token).send('GET', '/v2/lab/unpublished/tags/list')).status).toBe(200);

    form.set('password', 'wrong');
    expect((await post(form)).status).toBe(401);
  });

  it('says that it gives no refresh tokens, in a way that clients fall back from', async () => {
    const answer = await registry.anonymous.send('POST', '/token', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from('grant_type=refresh_token&refresh_token=x'),
    });

    expect([answer.status, answer.code]).toEqual([400, 'REQUEST_INVALID']);
    expect(answer.json).toHaveProperty('errors.0.detail.error', 'unsupported_grant_type');
  });

  it('holds no form above 64 KiB', async () => {
    const answer = await registry.anonymous.send('POST', '/token', { body: Buffer.alloc((64 << 10) + 1, 'a') });

    expect(answer.status).toBe(413);
  });

  it('gives no token for a registry token', async () => {
    expect((await (await ana.withScopes()).send('GET', '/token')).status).toBe(401);
  });

  it('gives a token that dies with the access token that paid for it within its own short life', async () => {
    const accounts = registry.get(AccountsService);
    expect(await accounts.bootstrapAdmin(ADMIN_TOKEN)).toBe(null);
    const token = await registry.admin.withScopes('repository:lab/unpublished:pull');

    expect((await token.send('GET', '/v2/lab/unpublished/tags/list')).status).toBe(200);
    expect((await token.send('POST', '/v2/lab/unpublished/blobs/uploads/')).status).toBe(401);
  });
});
