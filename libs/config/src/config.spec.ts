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

  it('takes S3 settings only as a whole', () => {
    expect(problemsOf({ ENVARIUM_S3_ENDPOINT: 'http://127.0.0.1:9000', ENVARIUM_S3_BUCKET: 'archive' })).toEqual([
      'ENVARIUM_S3_ACCESS_KEY: is required with ENVARIUM_S3_ENDPOINT',
      'ENVARIUM_S3_SECRET_KEY: is required with ENVARIUM_S3_ENDPOINT',
    ]);
    expect(problemsOf({ ENVARIUM_S3_BUCKET: 'archive' })).toEqual([
      'ENVARIUM_S3_BUCKET: is set, but ENVARIUM_S3_ENDPOINT is not',
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
