import type { Exchange } from '@envarium/schema';
import { z } from 'zod';
import { unpackIndex } from './unpack-index.js';

/** Gives the bytes of a recorded body. */
export type ReadBody = (digest: string) => AsyncIterable<Uint8Array>;

/** A file that a recorded index names, with the hashes that it says. */
export interface IndexedFile {
  readonly url: string;
  /** `algorithm:hex` */
  readonly hashes: readonly string[];
  /** Where it says more than the name of the file does: of Debian packages, with the epoch. */
  readonly version?: string;
}

/** Larger ones are read by nobody here; the largest of the public npm registry is some 50 MB. */
const MAX_INDEX = 64 << 20;

const SimplePage = z.object({
  files: z.array(z.object({ url: z.string(), hashes: z.record(z.string(), z.string()) })),
});
const Packument = z.object({
  versions: z.record(z.string(), z.object({ dist: z.object({ tarball: z.string(), integrity: z.string() }) })),
});
const Crate = z.object({ name: z.string(), vers: z.string(), cksum: z.string() });

/**
 * What the recorded indexes say about the files that they name: simple pages of Python (PEP 503 and 691), packuments of
 * npm, the sparse index of crates, and `Packages` of Debian.
 */
export async function indexedFiles(
  exchanges: readonly Exchange[],
  readBody: ReadBody,
): Promise<Map<string, IndexedFile>> {
  const files = new Map<string, IndexedFile>();
  for (const { method, status, url, headers, digest, size } of exchanges) {
    if (method !== 'GET' || status !== 200 || digest === null || size > MAX_INDEX) continue;
    const read = readerOf(new URL(url), headers['content-type'] ?? '');
    if (read === null) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of readBody(digest)) chunks.push(Buffer.from(chunk));
    const bytes = read === readDebianIndex ? await unpackIndex(Buffer.concat(chunks)) : Buffer.concat(chunks);
    for (const file of attempt(() => read(bytes, url))) files.set(file.url, file);
  }
  return files;
}

/** What the indexes say about the file at an address. The index of crates names packages; its files lie where a mirror says. */
export function indexedAt(files: ReadonlyMap<string, IndexedFile>, url: string): IndexedFile | undefined {
  const { name, version } = /\/crates\/(?<name>[^/]+)\/(?<version>[^/]+)\/download$/.exec(url)?.groups ?? {};
  return files.get(url) ?? files.get(crateKey(name ?? '', version ?? ''));
}

/** The index of crates says what a crate is, and leaves where it lies to the mirror that is used. */
export function crateKey(name: string, version: string): string {
  return `crate:${name}/${version}`;
}

/** Of the sparse index. https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files */
const CRATE_INDEX = /\/(?:1|2|3\/[\w-]|[\w-]{2}\/[\w-]{2})\/[\w-]+$/;

type IndexReader = (bytes: Buffer, url: string) => IndexedFile[];

function readerOf({ pathname }: URL, contentType: string): IndexReader | null {
  if (/\/dists\/.*\/(?:Packages(?:\.gz|\.xz)?|by-hash\/SHA256\/[0-9a-f]{64})$/.test(pathname)) return readDebianIndex;
  if (CRATE_INDEX.test(pathname) && !/html|[/+]json/.test(contentType)) return readCrateIndex;
  if (/[/+]json\b/.test(contentType)) return readJsonIndex;
  return /html/.test(contentType) ? readSimpleHtml : null;
}

function readJsonIndex(bytes: Buffer, url: string): IndexedFile[] {
  const value: unknown = JSON.parse(bytes.toString());
  const page = SimplePage.safeParse(value);
  if (page.success) {
    return page.data.files.flatMap((file) =>
      named(
        url,
        file.url,
        Object.entries(file.hashes).map(([algorithm, hex]) => `${algorithm}:${hex}`),
      ),
    );
  }
  const packument = Packument.safeParse(value);
  if (!packument.success) return [];
  return Object.values(packument.data.versions).flatMap(({ dist }) =>
    named(url, dist.tarball, sriHashes(dist.integrity)),
  );
}

function readSimpleHtml(bytes: Buffer, url: string): IndexedFile[] {
  const links = bytes.toString().matchAll(/href="(?<url>[^"#]+)#(?<algorithm>sha(?:256|384|512))=(?<hex>[0-9a-f]+)"/g);
  return [...links].flatMap(({ groups = {} }) =>
    named(url, (groups['url'] ?? '').replaceAll('&amp;', '&'), [`${groups['algorithm']}:${groups['hex']}`]),
  );
}

function readCrateIndex(bytes: Buffer): IndexedFile[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const { name, vers, cksum } = Crate.parse(JSON.parse(line));
      return [{ url: crateKey(name, vers), hashes: [`sha256:${cksum}`] }];
    });
}

function readDebianIndex(bytes: Buffer, url: string): IndexedFile[] {
  const text = bytes.toString();
  // What is fetched by its hash may be another kind of index.
  if (!text.startsWith('Package: ')) return [];
  const root = url.slice(0, url.indexOf('/dists/') + 1);
  const files: IndexedFile[] = [];
  // One of them is some 50 MB, so it is not cut into its 60,000 paragraphs at once.
  for (let start = 0, end; start < text.length; start = end + 2) {
    end = text.indexOf('\n\n', start);
    if (end === -1) end = text.length;
    const paragraph = text.slice(start, end);
    const name = /^Filename: (?<path>\S+)$/m.exec(paragraph)?.groups?.['path'];
    const hex = /^SHA256: (?<hex>[0-9a-f]{64})$/m.exec(paragraph)?.groups?.['hex'];
    const version = /^Version: (?<version>\S+)$/m.exec(paragraph)?.groups?.['version'];
    if (name === undefined || hex === undefined) continue;
    files.push(
      ...named(root, name, [`sha256:${hex}`]).map((file) => ({ ...file, ...(version !== undefined && { version }) })),
    );
  }
  return files;
}

function named(from: string, to: string, hashes: readonly string[]): IndexedFile[] {
  if (!URL.canParse(to, from) || hashes.length === 0) return [];
  const url = new URL(to, from);
  url.hash = '';
  return [{ url: url.href, hashes }];
}

function sriHashes(integrity: string): string[] {
  return integrity.split(/\s+/).flatMap((expression) => {
    const parts = /^(?<algorithm>sha(?:1|256|384|512))-(?<base64>[A-Za-z0-9+/=]+)/.exec(expression)?.groups;
    if (parts === undefined) return [];
    return [`${parts['algorithm']}:${Buffer.from(parts['base64'] ?? '', 'base64').toString('hex')}`];
  });
}

/** An index that cannot be read says nothing; what it names is then named by nobody. */
function attempt(read: () => IndexedFile[]): IndexedFile[] {
  try {
    return read();
  } catch {
    return [];
  }
}
