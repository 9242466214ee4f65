import { gunzipSync } from 'node:zlib';
import type { Exchange } from '@envarium/schema';
import { z } from 'zod';

/** Gives the bytes of a recorded body. */
export type ReadBody = (digest: string) => AsyncIterable<Uint8Array>;

/** A file that a recorded index names, with the hashes that it says. */
export interface IndexedFile {
  readonly url: string;
  /** `algorithm:hex` */
  readonly hashes: readonly string[];
}

/** Larger ones are read by nobody here; the largest of the public npm registry is some 50 MB. */
const MAX_INDEX = 64 << 20;
const MAX_UNPACKED = 256 << 20;

const SimplePage = z.object({
  files: z.array(z.object({ url: z.string(), hashes: z.record(z.string(), z.string()) })),
});
const Packument = z.object({
  versions: z.record(z.string(), z.object({ dist: z.object({ tarball: z.string(), integrity: z.string() }) })),
});
const Crate = z.object({ name: z.string(), vers: z.string(), cksum: z.string() });

/**
 * What the recorded indexes say about the files that they name: simple pages of Python (PEP 503 and 691), packuments of
 * npm, the sparse index of crates, and `Packages` of Debian, plain or gzip (what apt fetches as xz is not read here).
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
    for (const file of attempt(() => read(Buffer.concat(chunks), url))) files.set(file.url, file);
  }
  return files;
}

type IndexReader = (bytes: Buffer, url: string) => IndexedFile[];

function readerOf({ host, pathname }: URL, contentType: string): IndexReader | null {
  if (/\/dists\/.*\/Packages(?:\.gz)?$/.test(pathname)) return readDebianIndex;
  if (host === 'index.crates.io') return readCrateIndex;
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

function readCrateIndex(bytes: Buffer, url: string): IndexedFile[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const { name, vers, cksum } = Crate.parse(JSON.parse(line));
      return named(url, `https://static.crates.io/crates/${name}/${name}-${vers}.crate`, [`sha256:${cksum}`]);
    });
}

function readDebianIndex(bytes: Buffer, url: string): IndexedFile[] {
  const text = (url.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED }) : bytes).toString();
  const root = url.slice(0, url.indexOf('/dists/') + 1);
  return text.split('\n\n').flatMap((paragraph) => {
    const name = /^Filename: (?<path>\S+)$/m.exec(paragraph)?.groups?.['path'];
    const hex = /^SHA256: (?<hex>[0-9a-f]{64})$/m.exec(paragraph)?.groups?.['hex'];
    return name === undefined || hex === undefined ? [] : named(root, name, [`sha256:${hex}`]);
  });
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
