import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandFailed } from '../failure.js';
import { readLoginFile, saveLogin } from './login-file.js';

let directory: string;

describe('cli/client/login-file', () => {
  beforeEach(async () => {
    directory = path.join(await mkdtemp(path.join(tmpdir(), 'envarium-login-')), 'envarium');
  });
  afterEach(async () => {
    await rm(path.dirname(directory), { recursive: true });
  });

  it('knows of no login before the first', async () => {
    expect(await readLoginFile(directory)).toBeNull();
  });

  it('is readable by its owner alone', async () => {
    const file = await saveLogin(directory, 'https://a.example.org', 'token-of-a');

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('keeps the tokens of other servers', async () => {
    await saveLogin(directory, 'https://a.example.org', 'token-of-a');
    await saveLogin(directory, 'https://b.example.org', 'token-of-b');

    expect(await readLoginFile(directory)).toEqual({
      server: 'https://b.example.org',
      tokens: { 'https://a.example.org': 'token-of-a', 'https://b.example.org': 'token-of-b' },
    });
  });

  it('says that it is damaged rather than that nobody has logged in', async () => {
    const file = await saveLogin(directory, 'https://a.example.org', 'token-of-a');
    await writeFile(file, '{"server":');

    await expect(readLoginFile(directory)).rejects.toThrow(CommandFailed);
  });
});
