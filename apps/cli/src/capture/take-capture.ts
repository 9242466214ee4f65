import { readFile } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import type { CapturedFile, CaptureList, RecordedRun } from './capture-list.js';
import { findPackageFiles } from './find-package-files.js';
import { takeMachineReports } from './machine-reports.js';
import { isPackageFileName } from './package-file-names.js';
import { type Identity, redactText } from './redact-text.js';

export interface Capture {
  readonly list: CaptureList;
  /** By path in the deposit. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Everything at once: the files of a directory, and what this machine says of itself. */
export async function takeCapture(
  directory: string,
  identity: Identity,
  run: RecordedRun | null,
  isVerbatim: boolean,
): Promise<Capture> {
  const [found, machine] = await Promise.all([
    findPackageFiles(directory, isPackageFileName),
    takeMachineReports(directory, identity),
  ]);
  const contents = new Map<string, Uint8Array>();
  const files: CapturedFile[] = [];
  const keep = (inside: string, bytes: Uint8Array, more: Omit<CapturedFile, 'path' | 'digest' | 'size'>): void => {
    contents.set(inside, bytes);
    files.push({ path: inside, digest: digestOf(bytes), size: bytes.length, ...more });
  };
  for (const { path: inside } of found.files) {
    const bytes = await readFile(path.join(directory, inside));
    const { content, count } = isVerbatim ? { content: bytes, count: 0 } : redactBytes(bytes, identity);
    keep(inside, content, { source: null, redacted: count, original: count === 0 ? null : digestOf(bytes) });
  }
  const prefix = machineDirectory([...contents.keys()]);
  for (const { name, source, content, redacted } of machine.reports)
    keep(`${prefix}/${name}`, Buffer.from(content), { source, redacted, original: null });

  const { skipped, others } = found;
  return {
    contents,
    list: {
      schemaVersion: 2,
      capturedAt: new Date().toISOString(),
      container: machine.container,
      files,
      missing: [...machine.missing],
      skipped: [...skipped],
      others: { count: others.count, examples: [...others.examples] },
      run,
    },
  };
}

/** Who runs this program, and where. */
export function ownIdentity(): Identity {
  try {
    return { user: userInfo().username, home: homedir(), host: hostname() };
  } catch {
    // A container may run under a number that has no name.
    return { user: null, home: null, host: hostname() };
  }
}

/** Of bytes that are no UTF-8 each one is kept: a character stands for one byte, and names of persons are found as well. */
function redactBytes(bytes: Buffer, identity: Identity): { content: Uint8Array; count: number } {
  const { text, count } = redactText(bytes.toString('latin1'), identity);
  return count === 0 ? { content: bytes, count } : { content: Buffer.from(text, 'latin1'), count };
}

/** Where the reports go: beside the files of the directory, never among them. */
function machineDirectory(taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'machine' : `machine-${number}`;
    if (!taken.some((file) => file === name || file.startsWith(`${name}/`))) return name;
  }
}
