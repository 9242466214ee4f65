import { readFileSync } from 'node:fs';

interface Read {
  readonly values: Record<string, string>;
  readonly problems: readonly string[];
}

/** Replaces each `NAME_FILE` by the content of that file; empty variables count as not set. */
export function readSecretFiles(
  variables: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Read {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of names) {
    const value = variables[name];
    const file = variables[`${name}_FILE`];
    if (value !== undefined && value !== '') values[name] = value;
    if (file === undefined || file === '') continue;
    if (values[name] !== undefined) {
      problems.push(`${name}: both ${name} and ${name}_FILE are set`);
      continue;
    }
    try {
      values[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      problems.push(`${name}_FILE: cannot be read (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  return { values, problems };
}
