import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createDigester, type Digest, parseDigest } from '@envarium/oci';
import { isCapture, type OpenedCapture, openCaptureArchive } from '../capture/capture-archive.js';
import { CAPTURE_NAME, type CaptureList, type RecordedRun } from '../capture/capture-list.js';
import { findPackageFiles } from '../capture/find-package-files.js';
import { isPackageFileName } from '../capture/package-file-names.js';
import { hashFile } from '../hash-file.js';
import { usageError } from '../failure.js';

export interface GatheredFile {
  /** In the deposit. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  /** The bytes, anew each time. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface Gathered {
  readonly files: readonly GatheredFile[];
  /** When the capture was made that the files are from; null: found by their names. */
  readonly capturedAt: string | null;
  /** The run that was recorded with the capture, and the capture's file. */
  readonly run: { readonly recorded: RecordedRun; readonly file: string } | null;
  readonly skipped: CaptureList['skipped'];
  readonly others: CaptureList['others'];
  /** Files of the directory that are no longer as they were captured. */
  readonly changed: readonly string[];
}

/**
 * The files of a deposit: those of the capture that is named or lies in the directory, else by their names.
 * @param isWhole every file instead: what a recipe builds from
 */
export async function gatherFiles(place: string, isWhole = false): Promise<Gathered> {
  const isDirectory = (await stat(place)).isDirectory();
  if (!isDirectory && isWhole) throw usageError('--all is for a directory', 'Name the directory of the analysis.');
  if (!isDirectory) return { ...(await fromCapture(place, await openCaptureArchive(place))), changed: [] };
  if (isWhole) return await byNames(place, () => true);
  const file = path.join(place, CAPTURE_NAME);
  if (!(await isCapture(file))) return await byNames(place, isPackageFileName);
  const capture = await openCaptureArchive(file);
  return { ...(await fromCapture(file, capture)), changed: await changedSince(place, capture.list) };
}

async function fromCapture(file: string, { list, content }: OpenedCapture): Promise<Omit<Gathered, 'changed'>> {
  const files: GatheredFile[] = [];
  for (const { path: depositPath, digest, size } of list.files) {
    const digester = createDigester();
    for await (const chunk of content(depositPath)) digester.update(Buffer.from(chunk));
    if (digester.digest() !== digest) {
      throw usageError(`${depositPath} in ${file} is not what was captured`, 'Run `envarium capture` again.');
    }
    files.push({ path: depositPath, digest, size, open: () => content(depositPath) });
  }
  const { capturedAt, skipped, others, run } = list;
  return { files, capturedAt, skipped, others, run: run === null ? null : { recorded: run, file } };
}

async function changedSince(directory: string, list: CaptureList): Promise<string[]> {
  const changed: string[] = [];
  for (const { path: inside, digest, original, source } of list.files) {
    if (source !== null) continue;
    const now = await hashFile(path.join(directory, inside)).catch(() => null);
    if (now?.digest !== (original ?? digest)) changed.push(inside);
  }
  return changed;
}

async function byNames(directory: string, isTaken: (name: string) => boolean): Promise<Gathered> {
  const { files: found, skipped, others } = await findPackageFiles(directory, isTaken);
  const files: GatheredFile[] = [];
  for (const { path: inside } of found) {
    const file = path.join(directory, inside);
    const { digest, size } = await hashFile(file);
    files.push({ path: inside, digest: parseDigest(digest), size, open: () => createReadStream(file) });
  }
  return {
    files,
    capturedAt: null,
    run: null,
    skipped: [...skipped],
    others: { ...others, examples: [...others.examples] },
    changed: [],
  };
}
