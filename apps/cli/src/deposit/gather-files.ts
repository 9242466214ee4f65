import { stat } from 'node:fs/promises';
import path from 'node:path';

import { type Digest, parseDigest } from '@envarium/oci';
import { CAPTURE_DIRECTORY, capturedFilePath, type CaptureList, readCaptureList } from '../capture/capture-list.js';
import { findPackageFiles } from '../capture/find-package-files.js';
import { isPackageFileName } from '../capture/package-file-names.js';
import { hashFile } from '../hash-file.js';
import { usageError } from '../failure.js';

export interface GatheredFile {
  /** In the deposit. */
  readonly path: string;
  /** On this machine. */
  readonly file: string;
  readonly digest: Digest;
  readonly size: number;
}

export interface Gathered {
  readonly files: readonly GatheredFile[];
  /** When the capture was made that the files are from; null: found by their names. */
  readonly capturedAt: string | null;
  readonly skipped: CaptureList['skipped'];
  readonly others: CaptureList['others'];
  /** Files of the directory that are no longer as they were captured. */
  readonly changed: readonly string[];
}

/**
 * The files of a deposit: those of the capture in the directory, else by their names.
 * @param isWhole every file instead: what a recipe builds from
 */
export async function gatherFiles(directory: string, isWhole = false): Promise<Gathered> {
  if (!(await stat(directory)).isDirectory()) {
    throw usageError(`${directory} is not a directory`, 'Name the directory of the analysis.');
  }
  if (isWhole) return await byNames(directory, () => true);
  const own = await readCaptureList(directory);
  if (own !== null) return { ...(await fromCapture(directory, own)), changed: [] };
  const captureDirectory = path.join(directory, CAPTURE_DIRECTORY);
  const list = await readCaptureList(captureDirectory);
  if (list === null) return await byNames(directory, isPackageFileName);
  return { ...(await fromCapture(captureDirectory, list)), changed: await changedSince(directory, list) };
}

async function fromCapture(captureDirectory: string, list: CaptureList): Promise<Omit<Gathered, 'changed'>> {
  const files: GatheredFile[] = [];
  for (const { path: depositPath, digest, size } of list.files) {
    const file = capturedFilePath(captureDirectory, depositPath);
    const found = await hashFile(file);
    if (found.digest !== digest) throw usageError(`${file} is not what was captured`, 'Run `envarium capture` again.');
    files.push({ path: depositPath, file, digest, size });
  }
  return { files, capturedAt: list.capturedAt, skipped: list.skipped, others: list.others };
}

async function changedSince(directory: string, list: CaptureList): Promise<string[]> {
  const changed: string[] = [];
  for (const { path: inside, digest, source } of list.files) {
    if (source !== null) continue;
    const now = await hashFile(path.join(directory, inside)).catch(() => null);
    if (now?.digest !== digest) changed.push(inside);
  }
  return changed;
}

async function byNames(directory: string, isTaken: (name: string) => boolean): Promise<Gathered> {
  const { files: found, skipped, others } = await findPackageFiles(directory, isTaken);
  const files: GatheredFile[] = [];
  for (const { path: inside } of found) {
    const file = path.join(directory, inside);
    const { digest, size } = await hashFile(file);
    files.push({ path: inside, file, digest: parseDigest(digest), size });
  }
  return {
    files,
    capturedAt: null,
    skipped: [...skipped],
    others: { ...others, examples: [...others.examples] },
    changed: [],
  };
}
