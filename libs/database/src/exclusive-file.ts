import { randomUUID } from 'node:crypto';
import { chown, link, rm, writeFile } from 'node:fs/promises';
import type { PostgresAccount } from './postgres-account.js';
import { errorCode } from './system-error.js';

/**
 * Writes a file of mode 0600 that appears complete or not at all, and never replaces one.
 * @returns false when the file exists already, whoever was first
 */
export async function writeExclusive(file: string, content: string, owner: PostgresAccount): Promise<boolean> {
  const unfinished = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, content, { mode: 0o600, flag: 'wx' });
    if (owner !== null) await chown(unfinished, owner.uid, owner.gid);
    await link(unfinished, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}
