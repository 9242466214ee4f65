import type { RecordedRun } from '../capture/capture-list.js';
import { formatSize } from './size.js';

const SHOWN = 20;

/** A recorded run: what was run, read and written. */
export function runLines({
  command,
  seconds,
  exitCode,
  signal,
  inputs,
  outputs,
  removed,
  notes,
}: RecordedRun): string[] {
  return [
    `Ran ${command}: ${exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`}, ${seconds} s`,
    ...fileLines('read ', inputs),
    ...fileLines('wrote', outputs),
    ...(removed.length === 0 ? [] : [`  removed ${removed.slice(0, SHOWN).join(', ')}`]),
    ...notes.map((note) => `  ${note}`),
  ];
}

function fileLines(verb: string, files: readonly { name: string; digest: string; size: number }[]): string[] {
  const lines = files
    .slice(0, SHOWN)
    .map(({ name, digest, size }) => `  ${verb} ${name}  ${formatSize(size)}  ${digest}`);
  return files.length > SHOWN ? [...lines, `  ${verb} ${files.length - SHOWN} more`] : lines;
}
