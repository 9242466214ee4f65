import { parsePax, type PaxFault, type PaxRecords } from './pax.js';
import type { TarHeader } from './tar-header.js';
import { isUnsafePath } from './tar-path.js';

export type TarEntryType =
  | 'file'
  | 'hardlink'
  | 'symlink'
  | 'character-device'
  | 'block-device'
  | 'directory'
  | 'fifo'
  | 'other';

/** One member of a tar, as its headers describe it. */
export interface TarEntry {
  /** As written, decoded as UTF-8; bytes that are not UTF-8 are only in `rawPath`. */
  readonly path: string;
  readonly rawPath: Uint8Array;
  /** True when the path may not be used on a file system as it stands. */
  readonly isUnsafePath: boolean;
  /** `other` is a type that POSIX does not know; `typeflag` says which. */
  readonly type: TarEntryType;
  readonly typeflag: string;
  /** Permission bits only (0o7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  /** Seconds since 1970, may be negative or fractional; `pax` keeps the exact decimal text. */
  readonly mtime: number;
  /** Length of the body in bytes. */
  readonly size: number;
  /** Target of a link, text that is never followed here; empty for other types. */
  readonly linkname: string;
  readonly rawLinkname: Uint8Array;
  readonly devMajor: number;
  readonly devMinor: number;
  /** Extended records of this member, as bytes (extended attributes are `SCHILY.xattr.<name>`). */
  readonly pax: PaxRecords;
  /** Extended records that hold for this and all following members, unless `pax` has the same key. */
  readonly globalPax: PaxRecords;
  /** Of the body, in the tar. */
  readonly offset: number;
}

/** What the headers in front of a member said about it. */
export interface TarExtensions {
  readonly pax: PaxRecords | null;
  readonly globalPax: PaxRecords;
  readonly gnuLongName: Uint8Array | null;
  readonly gnuLongLink: Uint8Array | null;
}

export type TarEntryFault = 'pax-number' | 'sparse-unsupported';

const TYPES: Readonly<Record<string, TarEntryType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
};

/**
 * Types that have no body whatever their size field says. Container runtimes read layers with Go's archive/tar, and a
 * reader that disagreed with it here would see other members than the ones that run.
 */
const HEADER_ONLY = '123456';

const NO_RECORDS: PaxRecords = new Map();

export function tarEntry(header: TarHeader, extensions: TarExtensions, offset: number): TarEntry | TarEntryFault {
  const { globalPax } = extensions;
  const pax = extensions.pax ?? NO_RECORDS;
  if (header.typeflag === 'S' || [...pax.keys()].some((key) => key.startsWith('GNU.sparse.')))
    return 'sparse-unsupported';

  const size = paxNumber(pax, globalPax, 'size', header.size);
  const uid = paxNumber(pax, globalPax, 'uid', header.uid);
  const gid = paxNumber(pax, globalPax, 'gid', header.gid);
  const mtime = paxNumber(pax, globalPax, 'mtime', header.mtime);
  if (size === null || uid === null || gid === null || mtime === null) return 'pax-number';
  if (![size, uid, gid].every((value) => Number.isSafeInteger(value) && value >= 0)) return 'pax-number';

  const rawPath = extensions.gnuLongName ?? lookUp(pax, globalPax, 'path') ?? header.name;
  const rawLinkname = extensions.gnuLongLink ?? lookUp(pax, globalPax, 'linkpath') ?? header.linkname;
  const path = decode(rawPath);
  const isOldDirectory = header.typeflag === '\0' && path.endsWith('/');
  return {
    path,
    rawPath,
    isUnsafePath: isUnsafePath(path),
    type: isOldDirectory ? 'directory' : (TYPES[header.typeflag] ?? 'other'),
    typeflag: header.typeflag,
    // Some writers put the file type into the mode; the type has its own field.
    mode: header.mode & 0o7777,
    uid,
    gid,
    uname: decode(lookUp(pax, globalPax, 'uname') ?? header.uname),
    gname: decode(lookUp(pax, globalPax, 'gname') ?? header.gname),
    mtime,
    size: HEADER_ONLY.includes(header.typeflag) ? 0 : size,
    linkname: decode(rawLinkname),
    rawLinkname,
    devMajor: header.devMajor,
    devMinor: header.devMinor,
    pax,
    globalPax,
    offset,
  };
}

/** Readers disagree on whether a global path or size holds for the members that follow; so no archive may depend on it. */
export function parseGlobalPax(bytes: Uint8Array, maxRecords: number): PaxRecords | PaxFault | 'pax-global-path' {
  const records = parsePax(bytes, maxRecords);
  if (typeof records === 'string') return records;
  return records.has('path') || records.has('linkpath') || records.has('size') ? 'pax-global-path' : records;
}

/** An empty value takes a record back: the header's own value holds again. */
function lookUp(pax: PaxRecords, globalPax: PaxRecords, key: string): Uint8Array | undefined {
  const value = pax.get(key) ?? globalPax.get(key);
  return value === undefined || value.length === 0 ? undefined : value;
}

/** @returns null when the record is not a number */
function paxNumber(pax: PaxRecords, globalPax: PaxRecords, key: string, otherwise: number): number | null {
  const value = lookUp(pax, globalPax, key);
  if (value === undefined) return otherwise;
  const text = decode(value);
  return /^-?[0-9]{1,20}(?:\.[0-9]*)?$/.test(text) ? Number(text) : null;
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
