import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, RestClient } from './rest-client.js';
import { ADMIN_TOKEN, startTestServer, type TestServer } from './server-harness.js';

const NEW_OPERATOR_TOKEN = 'env_the-next-token-of-the-operator';

describe('e2e/rest-tokens', () => {
  let server: TestServer;
  let ada: RestClient;

  beforeAll(async () => {
    server = await startTestServer();
    ada = await server.account('ada', { lab: 'owner' });
  });

  afterAll(async () => {
    await server.stop();
  });

  const withHeader = (authorization: string) =>
    new RestClient(server.url, null).get('records').set('Authorization', authorization);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  async function newToken(body: object = { name: 'another' }): Promise<{ id: string; client: RestClient }> {
    const answer = await ada.post('tokens', body).expect(201);
    const { id, secret } = answer.body as { id: string; secret: string };
    return { id, client: new RestClient(server.url, secret) };
  }

  it('shows a secret once, and never again', async () => {
    const { body } = await ada.post('tokens', { name: 'laptop', expiresInDays: 30 }).expect(201);
    const listed = await ada.get('tokens').expect(200);

    expect(body.secret).toMatch(/^env_[\w-]{43}$/);
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(29 * 24 * 3600 * 1000);
    expect(listed.body.items[0]).toEqual({
      id: body.id,
      name: 'laptop',
      createdAt: expect.any(String),
      expiresAt: body.expiresAt,
      revokedAt: null,
    });
    expect(JSON.stringify(await server.sql('SELECT * FROM access_token'))).not.toContain(body.secret);
  });

  it.each([
    ['a token nobody has', 'Bearer env_unknown'],
    ['a token in another case', `Bearer ${ADMIN_TOKEN.toUpperCase()}`],
    ['no token', 'Bearer'],
    ['an empty token', 'Bearer '],
    ['another scheme', 'Digest username="ada"'],
    ['a token without a scheme', ADMIN_TOKEN],
    ['no base64', 'Basic !!!'],
    ['Basic without a colon', basic('ada')],
    ['Basic with another name', basic(`ada:${ADMIN_TOKEN}`)],
    ['Basic with a NUL byte', basic(`admin\0:${ADMIN_TOKEN}`)],
    ['a forged registry token', 'Bearer envr.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl'],
    ['a registry token in pieces', 'Bearer envr..'],
  ])('refuses %s, also where nobody needs one', async (_, authorization) => {
    expect(await problemOf(withHeader(authorization))).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
  });

  it.each([
    ['bearer in lower case', `bearer ${ADMIN_TOKEN}`],
    ['Basic with the name of the account', basic(`admin:${ADMIN_TOKEN}`)],
    ['the empty credentials that some clients send', basic(':')],
  ])('takes %s', async (_, authorization) => {
    expect((await withHeader(authorization)).status).toBe(200);
  });

  it('refuses a registry token: it is made for image transfers alone', async () => {
    const answer = await ada
      .get('/token?scope=repository:lab/eeg:pull,push')
      .set('Authorization', basic(`ada:${ada.token}`));
    const { token } = answer.body as { token: string };

    expect(token).toMatch(/^envr\./);
    expect(await problemOf(withHeader(`Bearer ${token}`))).toMatchObject({
      status: 401,
      code: 'TOKEN_INVALID',
      errors: { kind: 'registry token' },
    });
  });

  it('refuses an expired token', async () => {
    const { id, client } = await newToken({ name: 'short', expiresInDays: 1 });
    await client.get('tokens').expect(200);

    await server.sql(`UPDATE access_token SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);

    expect(await problemOf(client.get('tokens'))).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
  });

  it('revokes a token at once; again is no error', async () => {
    const { id, client } = await newToken();
    await client.get('tokens').expect(200);

    await ada.delete(`tokens/${id}`).expect(204);
    const [first] = await server.sql('SELECT revoked_at FROM access_token WHERE id = $1', [id]);
    await ada.delete(`tokens/${id}`).expect(204);
    const [second] = await server.sql('SELECT revoked_at FROM access_token WHERE id = $1', [id]);

    expect(await problemOf(client.get('tokens'))).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
    expect(second).toEqual(first);
  });

  it('does not revoke the token of somebody else', async () => {
    const { id, client } = await newToken();
    const bob = await server.account('bob');

    await bob.delete(`tokens/${id}`).expect(404);

    await client.get('tokens').expect(200);
  });

  it('refuses every token of a disabled account', async () => {
    const carl = await server.account('carl', { lab: 'reader' });
    const registry = await carl
      .get('/token')
      .set('Authorization', basic(`carl:${carl.token}`))
      .expect(200);

    await server.sql(`UPDATE account SET disabled_at = now() WHERE name = 'carl'`);

    await carl.get('tokens').expect(401);
    await withHeader(basic(`carl:${carl.token}`)).expect(401);
    const { token } = registry.body as { token: string };
    await new RestClient(server.url, token).get('/v2/').expect(401);
  });

  it('says that an account exists already', async () => {
    expect(await problemOf(server.admin.post('accounts', { name: 'ada' }))).toMatchObject({
      status: 409,
      code: 'ACCOUNT_EXISTS',
    });
    expect(await problemOf(server.admin.post('namespaces', { name: 'lab' }))).toMatchObject({
      status: 409,
      code: 'NAMESPACE_EXISTS',
    });
    expect(await problemOf(server.admin.post('tokens', { name: 'x', account: 'nobody' }))).toMatchObject({
      status: 404,
      code: 'ACCOUNT_UNKNOWN',
    });
  });

  it('keeps the token of the operator over a restart, and revokes it when another is given', async () => {
    await server.restart();
    await server.admin.get('tokens').expect(200);

    await server.restart({ ENVARIUM_ADMIN_TOKEN: NEW_OPERATOR_TOKEN });

    expect(await problemOf(server.admin.get('tokens'))).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
    await new RestClient(server.url, NEW_OPERATOR_TOKEN).get('tokens').expect(200);
    await server.restart();
    await server.admin.get('tokens').expect(200);
    await new RestClient(server.url, NEW_OPERATOR_TOKEN).get('tokens').expect(401);
  });
});
