/** Bytes as text, one character for each byte: the only string that any path fits in, and that sorts as its bytes do. */
export type ByteString = string;

export type FileType = 'file' | 'directory' | 'symlink' | 'character-device' | 'block-device' | 'fifo';

/** What stands at a path of an image, without the path. */
export interface FileRecord {
  readonly type: FileType;
  /** Permission bits (0o7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the content; 0 where there is none. */
  readonly size: number;
  /** Hex, of a file. */
  readonly sha256: string | null;
  /** Of a symbolic link. */
  readonly target: ByteString | null;
  /** `major:minor` of a device. */
  readonly device: string | null;
  /** Name and base64 of the value, sorted by name. */
  readonly xattrs: readonly (readonly [name: string, value: string])[];
  /** Seconds since 1970, in decimals as exact as they were written: a number would lose nanoseconds. */
  readonly mtime: string;
}

export interface FileEntry extends FileRecord {
  /** Without leading or trailing slash; the root is `.`. */
  readonly path: ByteString;
}

export const ROOT_PATH = '.';

/** What container runtimes make of a directory that no layer describes. */
export const IMPLIED_DIRECTORY: FileRecord = {
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  sha256: null,
  target: null,
  device: null,
  xattrs: [],
  mtime: '0',
};
