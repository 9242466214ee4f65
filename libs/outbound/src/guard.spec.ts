import { describe, expect, it } from 'vitest';
import { AllowList } from './allow-list.js';
import { Guard } from './guard.js';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example.org': ['93.184.215.14'],
  'private.example.org': ['10.0.0.7'],
  'mixed.example.org': ['10.0.0.7', '93.184.215.14', '::1'],
  'registry.internal': ['10.0.0.9'],
};
const guard = (...allow: string[]): Guard =>
  new Guard(AllowList.parse(allow), async (name) => NAMES[name] ?? Promise.reject(new Error('unknown')));
const refusal = (reason: string) =>
  expect.objectContaining({ code: 'OUTBOUND_REFUSED', detail: expect.objectContaining({ reason }) });

describe('outbound/guard', () => {
  it.each([
    ['http://127.0.0.1/', 'address-not-public'],
    ['http://2130706433/', 'address-not-public'],
    ['http://0x7f.1/', 'address-not-public'],
    ['http://[::1]:5000/', 'address-not-public'],
    ['http://[::ffff:169.254.169.254]/', 'address-not-public'],
    ['http://localhost:5000/', 'address-not-public'],
    ['http://any.localhost./', 'address-not-public'],
    ['file:///etc/passwd', 'scheme'],
    ['ftp://public.example.org/', 'scheme'],
    ['https://name:password@public.example.org/', 'credentials-in-url'],
  ])('refuses %s at once', (url, reason) => {
    expect(() => guard().assertUrl(new URL(url))).toThrow(refusal(reason));
  });

  it('tries the public addresses of a name, and no other', async () => {
    expect(await guard().addressesOf('mixed.example.org', 443)).toEqual(['93.184.215.14']);
    await expect(guard().addressesOf('private.example.org', 443)).rejects.toEqual(refusal('address-not-public'));
  });

  it('does not say which address a name inside has', async () => {
    const error = await guard()
      .addressesOf('private.example.org', 443)
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ detail: { host: 'private.example.org', reason: 'address-not-public' } });
  });

  it('tells of a name that is not known as unavailable', async () => {
    await expect(guard().addressesOf('nowhere.example.org', 443)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      isTemporary: true,
    });
  });

  it.each([
    ['registry.internal', 'registry.internal', 443],
    ['REGISTRY.internal:5000', 'registry.internal', 5000],
    ['10.0.0.0/8', 'private.example.org', 443],
    ['10.0.0.7:5000', 'private.example.org', 5000],
    ['fd00::/8', 'fd00::1', 443],
    ['[fd00::1]:5000', 'fd00::1', 5000],
    ['127.0.0.1', '::ffff:127.0.0.1', 80],
  ])('permits by %s: %s port %i', async (entry, host, port) => {
    expect((await guard(entry).addressesOf(host, port)).length).toBe(1);
  });

  it.each([
    ['registry.internal:5000', 'registry.internal', 443],
    ['internal', 'registry.internal', 443],
    ['10.0.0.8/30', 'private.example.org', 443],
    ['10.0.0.7:5000', 'private.example.org', 5001],
  ])('does not permit by %s: %s port %i', async (entry, host, port) => {
    await expect(guard(entry).addressesOf(host, port)).rejects.toEqual(refusal('address-not-public'));
  });

  it.each([
    'registry.internal:0',
    'registry.internal:70000',
    'http://registry.internal',
    'a b',
    '-x',
    '10.0.0.0/40',
    '*',
  ])('refuses the entry %s', (entry) => {
    expect(() => AllowList.parse([entry])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
