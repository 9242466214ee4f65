import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The key of this installation: as configured, or generated once in the data directory.
 * Written beside and linked, so that two processes that start together agree on one key.
 */
export async function installationSecret(configured: string | null, dataDir: string): Promise<string> {
  if (configured !== null) return configured;
  const directory = path.join(dataDir, 'secrets');
  const file = path.join(directory, 'signing-key');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, randomBytes(48).toString('base64url'), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return await readFile(file, 'utf8');
}
