import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { usageError } from '../failure.js';

/** What `envarium login` keeps. A token is only ever shown to the server it was kept for. */
const LoginFile = z.object({
  server: z.string(),
  tokens: z.record(z.string(), z.string()),
});
export type LoginFile = z.infer<typeof LoginFile>;

export function loginFilePath(configDirectory: string): string {
  return path.join(configDirectory, 'config.json');
}

/** @returns null when nobody has logged in yet */
export async function readLoginFile(configDirectory: string): Promise<LoginFile | null> {
  const file = loginFilePath(configDirectory);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = LoginFile.safeParse(parseJson(text));
  if (!parsed.success) throw usageError(`${file} is damaged`, 'Remove it, then log in again with `envarium login`.');
  return parsed.data;
}

/** Adds a login, readable by its owner alone; the file is replaced as a whole. */
export async function saveLogin(configDirectory: string, server: string, token: string): Promise<string> {
  const known = await readLoginFile(configDirectory);
  const content: LoginFile = { server, tokens: { ...known?.tokens, [server]: token } };
  const file = loginFilePath(configDirectory);
  await mkdir(configDirectory, { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}.tmp`;
  await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, file);
  return file;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
