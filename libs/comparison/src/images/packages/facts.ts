import { z } from 'zod';
import type { ByteString } from '../file-record.js';
import type { ImageRuntime, ImageSystem } from '../file-listing.js';

type FoundRuntime = Omit<ImageRuntime, 'path'> & { readonly kind: 'runtime' };
type FoundSystem = Omit<ImageSystem, 'path'> & { readonly kind: 'system' };
export type FoundFact = FoundRuntime | FoundSystem;

/** Files that say what no package database does: which system it is, which interpreters were unpacked into it. */
export interface FactSource {
  readonly pattern: RegExp;
  read(text: string): FoundFact | null;
}

/** Bytes that are kept of such a file. */
export const MAX_FACT_SIZE = 64 * 1024;

const LIKELY =
  /(?:^|\/)(?:os-release|patchlevel\.h|node_version\.h|julia_version\.h|release|VERSION|version\.json|version\.txt)$/;
const VERSION = /^\d+(?:\.\d+){0,4}[0-9A-Za-z.+_-]{0,64}$/;

const SOURCES: readonly FactSource[] = [
  { pattern: /^(?:etc|usr\/lib)\/os-release$/, read: readOsRelease },
  {
    pattern: /(?:^|\/)include\/python\d+\.\d+[a-z]*\/patchlevel\.h$/,
    read: (text) => runtime('python', /^#define\s+PY_VERSION\s+"([^"\n]*)"/m.exec(text)?.[1]),
  },
  {
    // node-gyp keeps the headers of any version that it ever built for.
    pattern: /(?<!node-gyp\/[^/]+\/)include\/node\/node_version\.h$/,
    read: (text) => {
      const numbers = ['MAJOR', 'MINOR', 'PATCH'].map(
        (part) => new RegExp(`^#define[ \\t]+NODE_${part}_VERSION[ \\t]+(\\d+)`, 'm').exec(text)?.[1],
      );
      return numbers.includes(undefined) ? null : runtime('node', numbers.join('.'));
    },
  },
  {
    pattern: /(?:^|\/)include\/julia\/julia_version\.h$/,
    read: (text) => runtime('julia', /^#define[ \t]+JULIA_VERSION_STRING[ \t]+"([^"\n]*)"/m.exec(text)?.[1]),
  },
  { pattern: /(?:^|\/)go\/VERSION$/, read: (text) => runtime('go', /^go(\d[^\s]*)/.exec(text)?.[1]) },
  {
    pattern: /\/(?:jvm|java|jdk|openjdk)(?:\/[^/]+)?\/release$/,
    read: (text) => runtime('java', /^JAVA_VERSION="([^"\n]*)"/m.exec(text)?.[1]),
  },
  { pattern: /^usr\/local\/cuda[^/]*\/version\.json$/, read: (text) => runtime('cuda', cudaVersion(text)) },
  {
    // Until CUDA 11.0.
    pattern: /^usr\/local\/cuda[^/]*\/version\.txt$/,
    read: (text) => runtime('cuda', /^CUDA Version (\d[^\s]*)/.exec(text)?.[1]),
  },
];

export function factSourceOf(path: ByteString): FactSource | null {
  if (!LIKELY.test(path)) return null;
  return SOURCES.find(({ pattern }) => pattern.test(path)) ?? null;
}

function runtime(name: string, version: string | undefined): FoundRuntime | null {
  return version !== undefined && VERSION.test(version) ? { kind: 'runtime', name, version } : null;
}

/** A list of the parts of the toolkit with their versions; `cuda` is the whole. */
function cudaVersion(text: string): string | undefined {
  try {
    const { data } = z.object({ cuda: z.object({ version: z.string() }) }).safeParse(JSON.parse(text));
    return data?.cuda.version;
  } catch {
    return undefined;
  }
}

/** Lines of NAME=value in the manner of a shell, which nobody runs: a value is plain or stands in quotes. */
function readOsRelease(text: string): FoundSystem | null {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const { key, value } = /^(?<key>[A-Z][A-Z0-9_]*)=(?<value>.*)$/.exec(line.trim())?.groups ?? {};
    if (key !== undefined && value !== undefined) fields.set(key, unquoted(value));
  }
  const id = fields.get('ID') ?? '';
  if (!/^[a-z0-9._-]{1,64}$/.test(id)) return null;
  const shown = (key: string): string | null => {
    const value = fields.get(key) ?? '';
    return value !== '' && value.length <= 256 && !/\p{C}/u.test(value) ? value : null;
  };
  return { kind: 'system', id, versionId: shown('VERSION_ID'), name: shown('PRETTY_NAME') ?? shown('NAME') };
}

function unquoted(value: string): string {
  const { inside } = /^(?<quote>["'])(?<inside>.*)\k<quote>$/.exec(value)?.groups ?? {};
  return (inside ?? value).replace(/\\(?=["'$`\\])/g, '');
}
