import type { EnvironmentSpec } from '@envarium/schema';

/** conda packages that are the language itself. */
const RUNTIMES: ReadonlyMap<string, string> = new Map([
  ['python', 'python'],
  ['r-base', 'r'],
  ['nodejs', 'node'],
  ['julia', 'julia'],
]);

/** More versions than any lock file has: each is looked for among the others. */
const MOST = 100;

/** Adds the language that a conda package is, once for each version: a lock file names it for every platform. */
export function noteRuntime(
  { runtimes }: EnvironmentSpec,
  packageName: string,
  { version, specifier = null, line }: { version: string | null; specifier?: string | null; line: number | null },
): void {
  const name = RUNTIMES.get(packageName.toLowerCase());
  if (name === undefined || runtimes.length >= MOST) return;
  const isKnown = runtimes.some(
    (each) => each.name === name && each.version === version && each.specifier === specifier,
  );
  if (!isKnown) runtimes.push({ name, version, specifier, line });
}
