import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Sample {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Larger files only slow the mutations down; what they hold stands in smaller ones too. */
const MOST_BYTES = 256 * 1024;

/** The fixtures of one format, the broken ones included. @param folder of the format, without its `__fixtures__` */
export function fixturesIn(folder: string): Sample[] {
  const fixtures = path.join(folder, '__fixtures__');
  return filesBelow(fixtures).map(readSample);
}

/** Every file of a corpus; none when there is no corpus. */
export function corpusFiles(directory: string): Sample[] {
  return filesBelow(directory)
    .filter((file) => !file.endsWith('.expected.json'))
    .map(readSample)
    .filter(({ bytes }) => bytes.length <= MOST_BYTES);
}

/** Sorted by name, so that the same seed gives the same cases on any file system. */
function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

function readSample(file: string): Sample {
  return { path: path.basename(file), bytes: readFileSync(file) };
}
