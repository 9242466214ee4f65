import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readEnvironmentFile } from '@envarium/formats';
import { compareHardware, hardwareFolders } from './hardware.js';
import { comparePackages, packageFolders } from './packages.js';
import { compareSystem, systemFolders } from './system.js';
import type { Verdict } from './verdict.js';

export interface FileResult extends Verdict {
  readonly folder: string;
  readonly file: string;
  readonly milliseconds: number;
}

const EXPECTED = '.expected.json';

/** @returns null when the directory does not exist */
export function runCorpus(directory: string): FileResult[] | null {
  if (!existsSync(directory)) return null;
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) => runFolder(directory, name)).toSorted(byName);
}

function runFolder(directory: string, folder: string): FileResult[] {
  const compare = comparisonOf(folder);
  return readdirSync(path.join(directory, folder))
    .filter((file) => !file.endsWith(EXPECTED) && existsSync(path.join(directory, folder, file + EXPECTED)))
    .map((file) => {
      const bytes = readFileSync(path.join(directory, folder, file));
      const start = performance.now();
      const verdict =
        compare === null ? foreign(bytes, file) : compare(bytes, file, readExpected(directory, folder, file));
      return { ...verdict, folder, file, milliseconds: Math.round(performance.now() - start) };
    });
}

function comparisonOf(folder: string): ((bytes: Uint8Array, file: string, expected: unknown) => Verdict) | null {
  if (packageFolders.has(folder)) return comparePackages;
  if (hardwareFolders.has(folder)) return compareHardware;
  return systemFolders.has(folder) ? compareSystem : null;
}

function readExpected(directory: string, folder: string, file: string): unknown {
  return JSON.parse(readFileSync(path.join(directory, folder, file + EXPECTED), 'utf8'));
}

/** A file of a format that is not read must not be taken for one that is. */
function foreign(bytes: Uint8Array, file: string): Verdict {
  const reading = readEnvironmentFile(bytes, file);
  if (reading.outcome === 'not-understood') return { outcome: 'not understood yet', detail: '', hasInvention: false };
  const detail = `read as ${reading.format}: ${reading.spec.packages.length} packages`;
  return { outcome: 'differs', detail, hasInvention: reading.spec.packages.length > 0 };
}

/** Files of folders that are read here: only these count. */
export function counted(results: readonly FileResult[]): FileResult[] {
  return results.filter(({ folder }) => comparisonOf(folder) !== null);
}

function byName(a: FileResult, b: FileResult): number {
  return `${a.folder}/${a.file}` < `${b.folder}/${b.file}` ? -1 : 1;
}
