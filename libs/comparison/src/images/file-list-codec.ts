import { ArchiveError } from '@envarium/errors';
import { gzip } from '@envarium/oci';
import type { z } from 'zod';
import { decompress, gunzipEngine } from './decompress.js';
import {
  FileLine,
  fileEntryOf,
  formatFileLine,
  ImageLine,
  PackageLine,
  ProgramLine,
  RuntimeLine,
  SystemLine,
  UnreadLine,
} from './file-list-lines.js';
import {
  type FileListing,
  type ImagePackage,
  type ImageProgram,
  type ImageRuntime,
  type ImageSystem,
  sizeOfFiles,
  type UnreadPackages,
} from './file-listing.js';
import type { FileEntry } from './file-record.js';
import { FILE_LIST_LIMITS } from './list-limits.js';

export interface DecodeLimits {
  readonly maxLines: number;
  /** Bytes of all lines. */
  readonly maxSize: number;
  /** Bytes of one line. */
  readonly maxLineSize: number;
}

/** What a list may hold that `listFiles` made. A path takes six times its bytes when all of them must be escaped. */
const DECODE_LIMITS: DecodeLimits = {
  maxLines: FILE_LIST_LIMITS.maxEntries + 2 * FILE_LIST_LIMITS.maxPackages,
  maxSize: 2 ** 30,
  maxLineSize: 8 * 1024 * 1024,
};
const CHUNK_LENGTH = 64 * 1024;

/** `files.jsonl.gz` of an image. Equal listings give equal bytes. */
export function encodeFileList(listing: FileListing): AsyncIterable<Uint8Array> {
  return gzip(inChunks(linesOf(listing)));
}

function* linesOf(listing: FileListing): Generator<string, void, undefined> {
  const { imageDigest, configDigest, diffIds, runConfig } = listing;
  yield JSON.stringify({
    kind: 'image',
    version: 1,
    imageDigest,
    configDigest,
    diffIds: [...diffIds],
    runConfig,
  } satisfies z.infer<typeof ImageLine>);
  for (const { ecosystem, name, version, path, writtenName, qualifiers } of listing.packages) {
    yield JSON.stringify({
      kind: 'package',
      ecosystem,
      name,
      version,
      path,
      ...(writtenName !== undefined && { writtenName }),
      ...(qualifiers !== undefined && { qualifiers }),
    } satisfies z.infer<typeof PackageLine>);
  }
  for (const { path, reason, because } of listing.unreadPackages) {
    yield JSON.stringify({
      kind: 'unread-packages',
      path,
      reason,
      ...(because !== undefined && { because }),
    } satisfies z.infer<typeof UnreadLine>);
  }
  for (const { id, versionId, name, path } of listing.systems) {
    yield JSON.stringify({ kind: 'system', id, versionId, name, path } satisfies z.infer<typeof SystemLine>);
  }
  for (const { name, version, path } of listing.runtimes) {
    yield JSON.stringify({ kind: 'runtime', name, version, path } satisfies z.infer<typeof RuntimeLine>);
  }
  for (const { role, architecture, libc, kernelMinimum, isaLevel, path } of listing.programs) {
    yield JSON.stringify({
      kind: 'program',
      role,
      architecture,
      libc,
      kernelMinimum,
      isaLevel,
      path,
    } satisfies z.infer<typeof ProgramLine>);
  }
  for (const entry of listing.entries) yield formatFileLine(entry);
}

async function* inChunks(lines: Iterable<string>): AsyncGenerator<Uint8Array, void, undefined> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  yield Buffer.from(chunk);
}

/**
 * Reads what `encodeFileList` wrote. Whoever opened it has checked its digest.
 * @throws ArchiveError ARCHIVE_INVALID with `reason` and `line`
 */
export async function decodeFileList(
  content: AsyncIterable<Uint8Array>,
  limits: Partial<DecodeLimits> = {},
): Promise<FileListing> {
  const packages: ImagePackage[] = [];
  const unreadPackages: UnreadPackages[] = [];
  const systems: ImageSystem[] = [];
  const runtimes: ImageRuntime[] = [];
  const programs: ImageProgram[] = [];
  const entries: FileEntry[] = [];
  let image: z.infer<typeof ImageLine> | null = null;
  let number = 0;
  for await (const text of linesIn(content, { ...DECODE_LIMITS, ...limits })) {
    number += 1;
    const value = parseLine(text, number);
    if (number === 1) image = shaped(ImageLine, value, number);
    else if (isOfKind(value, 'package')) {
      const { kind: _, writtenName, qualifiers, ...stated } = shaped(PackageLine, value, number);
      packages.push({
        ...stated,
        ...(writtenName !== undefined && { writtenName }),
        ...(qualifiers !== undefined && { qualifiers }),
      });
    } else if (isOfKind(value, 'unread-packages')) {
      const { path, reason, because } = shaped(UnreadLine, value, number);
      unreadPackages.push({ path, reason, ...(because !== undefined && { because }) });
    } else if (isOfKind(value, 'system')) {
      const { id, versionId, name, path } = shaped(SystemLine, value, number);
      systems.push({ id, versionId, name, path });
    } else if (isOfKind(value, 'runtime')) {
      const { name, version, path } = shaped(RuntimeLine, value, number);
      runtimes.push({ name, version, path });
    } else if (isOfKind(value, 'program')) {
      const { kind: _, ...program } = shaped(ProgramLine, value, number);
      programs.push(program);
    } else {
      const entry = fileEntryOf(shaped(FileLine, value, number));
      const before = entries.at(-1);
      // The comparison walks two lists side by side: one out of order would look like another image.
      if (entry === null || (before !== undefined && before.path >= entry.path)) throw invalid('order', number);
      entries.push(entry);
    }
  }
  if (image === null) throw invalid('empty', 0);
  const { imageDigest, configDigest, diffIds, runConfig } = image;
  const size = sizeOfFiles(entries);
  const told = { packages, unreadPackages, systems, runtimes, programs };
  return { imageDigest, configDigest, diffIds, runConfig, ...told, entries, size };
}

async function* linesIn(
  content: AsyncIterable<Uint8Array>,
  limits: DecodeLimits,
): AsyncGenerator<string, void, undefined> {
  let size = 0;
  let count = 0;
  let rest = Buffer.alloc(0);
  const plain = decompress(content, gunzipEngine(), (fault) => invalid(`gzip-${fault}`, count));
  for await (const chunk of plain) {
    size += chunk.length;
    if (size > limits.maxSize) throw invalid('too-large', count, limits.maxSize);
    let bytes =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n')) {
      count += 1;
      if (count > limits.maxLines) throw invalid('too-many-lines', count, limits.maxLines);
      yield bytes.toString('utf8', 0, end);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > limits.maxLineSize) throw invalid('line-too-long', count + 1, limits.maxLineSize);
    rest = Buffer.from(bytes);
  }
  if (rest.length > 0) throw invalid('truncated', count + 1);
}

function parseLine(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ArchiveError('ARCHIVE_INVALID', { reason: 'file-list-json', line }, { cause: error });
  }
}

function shaped<T>(shape: z.ZodType<T>, value: unknown, line: number): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw new ArchiveError('ARCHIVE_INVALID', { reason: 'file-list-shape', line }, { cause: result.error });
}

function isOfKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function invalid(reason: string, line: number, limit?: number): ArchiveError {
  return new ArchiveError('ARCHIVE_INVALID', {
    reason: `file-list-${reason}`,
    line,
    ...(limit !== undefined && { limit }),
  });
}
