import { parseOsRelease, parseUname, parseVariables, readEnvironmentFile } from '@envarium/formats';
import { z } from 'zod';
import { compareSets, type Verdict } from './verdict.js';

/** Folders with what a system says of itself, each with the format that reads it. */
export const systemFolders: ReadonlySet<string> = new Set(['os-release', 'env-vars', 'uname']);

const Expected = z.object({
  format: z.string(),
  values: z.record(z.string(), z.string()).default({}),
  kernel_name: z.string().optional(),
});

/** Compares all values that the file sets; the reader itself must take the file, and make no package of it. */
export function compareSystem(bytes: Uint8Array, path: string, expectedJson: unknown): Verdict {
  const { format, values, kernel_name: kernel } = Expected.parse(expectedJson);
  const reading = readEnvironmentFile(bytes, path);
  if (reading.outcome === 'not-understood') {
    return { outcome: 'not understood yet', detail: reading.problem.message, hasInvention: false };
  }
  const text = new TextDecoder().decode(bytes);
  const expected = new Set(Object.entries(values).map(([name, value]) => `${name}=${value}`));
  if (kernel !== undefined) expected.add(`kernel ${kernel}`);
  const actual = new Set([...valuesOf(format, text), ...reading.spec.packages.map(({ name }) => `package ${name}`)]);
  if (reading.format !== format) actual.add(`format ${reading.format}`);
  return compareSets(expected, actual);
}

function valuesOf(format: string, text: string): string[] {
  if (format === 'os-release') {
    return [...parseOsRelease(text).fields].map(([name, { value }]) => `${name}=${value}`);
  }
  if (format === 'env-vars') return parseVariables(text).variables.map(({ name, value }) => `${name}=${value}`);
  const uname = parseUname(text);
  return uname === null ? [] : [`kernel ${uname.kernel}`];
}
