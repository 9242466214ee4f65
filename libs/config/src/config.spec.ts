import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.js';

function problemsOf(variables: Record<string, string>): unknown {
  try {
    parseConfig(variables);
  } catch (error) {
    if (error instanceof ArchiveError) return error.detail['problems'];
  }
  return null;
}

describe('config/config', () => {
  it('runs everything on one machine when nothing is set', () => {
    const config = parseConfig({});

    expect(config).toMatchObject({ host: '127.0.0.1', port: 5080, databaseUrl: null, publicUrl: null });
    expect(config.storage).toEqual({ kind: 'filesystem', directory: path.resolve('.envarium', 'store') });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('lists the hosts that may be connected to beyond the public Internet', () => {
    expect(parseConfig({}).outboundAllow).toEqual([]);
    expect(parseConfig({ ENVARIUM_OUTBOUND_ALLOW: ' registry.internal:5000, 10.0.0.0/8,, ' }).outboundAllow).toEqual([
      'registry.internal:5000',
      '10.0.0.0/8',
    ]);
  });

  it('takes S3 settings only as a whole', () => {
    expect(problemsOf({ ENVARIUM_S3_ENDPOINT: 'http://127.0.0.1:9000', ENVARIUM_S3_BUCKET: 'archive' })).toEqual([
      'ENVARIUM_S3_ACCESS_KEY: is required with ENVARIUM_S3_ENDPOINT',
      'ENVARIUM_S3_SECRET_KEY: is required with ENVARIUM_S3_ENDPOINT',
    ]);
    expect(problemsOf({ ENVARIUM_S3_BUCKET: 'archive' })).toEqual([
      'ENVARIUM_S3_BUCKET: is set, but ENVARIUM_S3_ENDPOINT is not',
    ]);
  });

  const S3 = {
    ENVARIUM_S3_ENDPOINT: 'http://127.0.0.1:9000',
    ENVARIUM_S3_BUCKET: 'archive',
    ENVARIUM_S3_ACCESS_KEY: 'key',
    ENVARIUM_S3_SECRET_KEY: 'secret',
  };

  it('sends blobs itself, or has them sent by who can', () => {
    expect(parseConfig({}).serving).toEqual({ mode: 'stream' });
    expect(parseConfig({ ENVARIUM_SERVING_MODE: 'x-accel' }).serving).toEqual({ mode: 'x-accel', prefix: '/_blobs' });
    const config = parseConfig({
      ...S3,
      ENVARIUM_SERVING_MODE: 'redirect',
      ENVARIUM_S3_PUBLIC_ENDPOINT: 'https://blobs.example.org',
    });
    expect(config.serving).toEqual({ mode: 'redirect' });
    expect(config.storage).toMatchObject({
      endpoint: 'http://127.0.0.1:9000',
      publicEndpoint: 'https://blobs.example.org',
    });
  });

  it('takes an address of the object store for clients only with an object store', () => {
    expect(problemsOf({ ENVARIUM_S3_PUBLIC_ENDPOINT: 'https://blobs.example.org' })).toEqual([
      'ENVARIUM_S3_PUBLIC_ENDPOINT: is set, but ENVARIUM_S3_ENDPOINT is not',
    ]);
  });

  it.each([
    ['redirect', {}, 'redirect needs an S3 store, as nobody can be sent to a directory'],
    ['x-accel', S3, 'x-accel needs a filesystem store, which the web server reads'],
  ])('refuses to serve by %s what the store cannot', (mode, store, problem) => {
    expect(problemsOf({ ...store, ENVARIUM_SERVING_MODE: mode })).toEqual([`ENVARIUM_SERVING_MODE: ${problem}`]);
  });

  it('keeps second copies where it is told', () => {
    expect(parseConfig({}).secondStorage).toBeNull();
    expect(parseConfig({ ENVARIUM_SECOND_STORE_DIR: '/mnt/b' }).secondStorage).toEqual({
      kind: 'filesystem',
      directory: '/mnt/b',
    });
    const second = Object.fromEntries(
      Object.entries(S3).map(([name, value]) => [name.replace('S3', 'SECOND_S3'), value]),
    );
    expect(parseConfig(second).secondStorage).toMatchObject({ kind: 's3', bucket: 'archive', region: 'us-east-1' });
    expect(problemsOf({ ...S3, ...second })).toEqual(['the second store is the first store']);
    expect(problemsOf({ ...second, ENVARIUM_SECOND_STORE_DIR: '/mnt/b' })).toEqual([
      'ENVARIUM_SECOND_STORE_DIR: is set, and ENVARIUM_SECOND_S3_ENDPOINT as well',
    ]);
    expect(problemsOf({ ENVARIUM_DATA_DIR: '/srv', ENVARIUM_SECOND_STORE_DIR: '/srv/store/' })).toEqual([
      'the second store is the first store',
    ]);
    expect(problemsOf({ ENVARIUM_SECOND_S3_BUCKET: 'archive' })).toEqual([
      'ENVARIUM_SECOND_S3_BUCKET: is set, but ENVARIUM_SECOND_S3_ENDPOINT is not',
    ]);
  });

  it('names every bad variable at once', () => {
    const problems = problemsOf({ ENVARIUM_PORT: '70000', DATABASE_URL: 'mysql://x', ENVARIUM_ADMIN_TOKEN: 'a b' });

    expect(problems).toHaveLength(4);
    expect(String(problems)).toMatch(/ENVARIUM_PORT.*ENVARIUM_ADMIN_TOKEN.*DATABASE_URL/);
  });

  it('reads a secret from a file, and refuses two sources for one value', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'envarium-config-')), 'token');
    writeFileSync(file, 'from-a-file\n');

    expect(parseConfig({ ENVARIUM_ADMIN_TOKEN_FILE: file }).adminToken).toBe('from-a-file');
    expect(problemsOf({ ENVARIUM_ADMIN_TOKEN_FILE: file, ENVARIUM_ADMIN_TOKEN: 'directly-given' })).toEqual([
      'ENVARIUM_ADMIN_TOKEN: both ENVARIUM_ADMIN_TOKEN and ENVARIUM_ADMIN_TOKEN_FILE are set',
    ]);
  });
});
