import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { programEnvironment } from '@envarium/config';
import { z } from 'zod';
import { type ProgramOutcome, runProgram } from './run-program.js';

/** What conda notes of each package that it installs. https://docs.conda.io/projects/conda/en/stable/dev-guide/specs/ */
const Installed = z.object({
  url: z.string().regex(/^[^\s#]+$/),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional()
    .catch(undefined),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .catch(undefined),
  subdir: z.string().optional().catch(undefined),
});
const MAX_PACKAGES = 20_000;

/**
 * The active conda environment as conda itself lists it: every package file by address and hash. Read from the notes that
 * conda, mamba and micromamba leave in the environment, which takes no time; else conda is asked.
 */
export async function condaList(): Promise<ProgramOutcome> {
  const prefix = programEnvironment({})['CONDA_PREFIX'];
  if (prefix !== undefined && prefix !== '') return await listPrefix(prefix);
  for (const program of ['conda', 'mamba']) {
    const listed = await runProgram(program, ['list', '--explicit', '--md5']);
    if (listed.outcome === 'done' || listed.reason !== 'not installed here') return listed;
  }
  return { outcome: 'failed', reason: 'no environment is active, and conda is not installed here' };
}

export async function listPrefix(prefix: string): Promise<ProgramOutcome> {
  const directory = path.join(prefix, 'conda-meta');
  const names = await readdir(directory).catch(() => null);
  if (names === null) return { outcome: 'failed', reason: 'the active environment has no conda-meta' };
  const lines: string[] = [];
  const subdirs = new Set<string>();
  const unread: string[] = [];
  for (const name of names
    .filter((each) => each.endsWith('.json'))
    .toSorted()
    .slice(0, MAX_PACKAGES)) {
    const read = Installed.safeParse(parseJson(await readFile(path.join(directory, name), 'utf8').catch(() => '')));
    if (!read.success) {
      unread.push(name);
      continue;
    }
    const { url, md5, sha256, subdir } = read.data;
    if (subdir !== undefined && subdir !== 'noarch') subdirs.add(subdir);
    const hash = sha256 === undefined ? (md5 ?? '') : `sha256:${sha256}`;
    lines.push(hash === '' ? url : `${url}#${hash}`);
  }
  if (lines.length === 0) return { outcome: 'failed', reason: 'the active environment has no package of conda' };
  return {
    outcome: 'done',
    stdout: [
      '# This file may be used to create an environment using:',
      '# $ conda create --name <env> --file <this file>',
      ...[...subdirs].map((subdir) => `# platform: ${subdir}`),
      ...unread.map((name) => `# not understood: conda-meta/${name}`),
      '@EXPLICIT',
      ...lines,
      '',
    ].join('\n'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
