import { z } from 'zod';
import { byteStringOfText, textOf } from './byte-string.js';
import type { ByteString, FileEntry } from './file-record.js';
import { RunConfig } from './run-config.js';

/*
 * files.jsonl.gz: a line about the image, a line for each package, unread place, system, runtime and program, a line for each file. Keys stand in
 * one order and what does not apply is left out, so that equal lists are equal bytes.
 */
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const ImageLine = z.strictObject({
  kind: z.literal('image'),
  version: z.literal(1),
  imageDigest: z.string(),
  configDigest: Digest,
  diffIds: z.array(z.string()),
  runConfig: RunConfig,
});

export const PackageLine = z.strictObject({
  kind: z.literal('package'),
  ecosystem: z.string(),
  name: z.string(),
  version: z.string(),
  path: z.string(),
  writtenName: z.string().optional(),
  qualifiers: z.record(z.string(), z.string()).optional(),
});

export const SystemLine = z.strictObject({
  kind: z.literal('system'),
  id: z.string(),
  versionId: z.string().nullable(),
  name: z.string().nullable(),
  path: z.string(),
});

export const RuntimeLine = z.strictObject({
  kind: z.literal('runtime'),
  name: z.string(),
  version: z.string(),
  path: z.string(),
});

export const ProgramLine = z.strictObject({
  kind: z.literal('program'),
  role: z.enum(['libc', 'loader', 'interpreter']),
  architecture: z.string(),
  libc: z.strictObject({ family: z.enum(['glibc', 'musl']), version: z.string() }).nullable(),
  kernelMinimum: z.string().nullable(),
  isaLevel: z.string().nullable(),
  path: z.string(),
});

export const UnreadLine = z.strictObject({
  kind: z.literal('unread-packages'),
  path: z.string(),
  reason: z.enum(['rpm-database', 'other-database', 'too-large', 'not-understood', 'hard-link']),
  because: z.string().optional(),
});

const Base64 = z.base64();

/** Paths and targets that are not UTF-8 stand as base64 under another key. */
export const FileLine = z.strictObject({
  path: z.string().optional(),
  rawPath: Base64.optional(),
  type: z.enum(['file', 'directory', 'symlink', 'character-device', 'block-device', 'fifo']),
  mode: z.string().regex(/^[0-7]{1,4}$/),
  uid: z.int().nonnegative(),
  gid: z.int().nonnegative(),
  size: z.int().nonnegative().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  target: z.string().optional(),
  rawTarget: Base64.optional(),
  device: z.string().optional(),
  xattrs: z.array(z.tuple([z.string(), Base64])).optional(),
  mtime: z
    .string()
    .regex(/^-?[0-9]{1,20}(?:\.[0-9]{1,9})?$/)
    .optional(),
});
export type FileLine = z.infer<typeof FileLine>;

/** @param withTime false for digests that leave modification times out */
export function formatFileLine(entry: FileEntry, withTime = true): string {
  const { path, type, mode, uid, gid, size, sha256, target, device, xattrs, mtime } = entry;
  const text = textOf(path);
  const targetText = target === null ? null : textOf(target);
  return JSON.stringify({
    ...(text === null ? { rawPath: base64(path) } : { path: text }),
    type,
    mode: mode.toString(8),
    uid,
    gid,
    ...(sha256 !== null && { size, sha256 }),
    ...(target !== null && (targetText === null ? { rawTarget: base64(target) } : { target: targetText })),
    ...(device !== null && { device }),
    ...(xattrs.length > 0 && { xattrs }),
    ...(withTime && { mtime }),
  });
}

/** @returns null when the line names no path */
export function fileEntryOf(line: FileLine): FileEntry | null {
  const path = bytesOf(line.path, line.rawPath);
  if (path === null || path === '') return null;
  return {
    path,
    type: line.type,
    mode: Number.parseInt(line.mode, 8),
    uid: line.uid,
    gid: line.gid,
    size: line.size ?? 0,
    sha256: line.sha256 ?? null,
    target: bytesOf(line.target, line.rawTarget),
    device: line.device ?? null,
    xattrs: line.xattrs ?? NO_XATTRS,
    mtime: line.mtime ?? '0',
  };
}

const NO_XATTRS: FileEntry['xattrs'] = [];

function bytesOf(text: string | undefined, raw: string | undefined): ByteString | null {
  if (text !== undefined) return byteStringOfText(text);
  return raw === undefined ? null : Buffer.from(raw, 'base64').toString('latin1');
}

function base64(bytes: ByteString): string {
  return Buffer.from(bytes, 'latin1').toString('base64');
}
