import { type ByteString } from '../file-record.js';
import { foundPackage, type FoundPackage, type PackageSource } from './package-source.js';

/** `NAME-VERSION-BUILD.json`: conda itself relies on the name. */
const CONDA_META = /(?:^|\/)conda-meta\/(?<name>[^/]+)-(?<version>[^/-]+)-(?<build>[^/-]+)\.json$/;

/** What the name alone says, where the content cannot be read. */
export function readCondaMeta(path: ByteString): FoundPackage | null {
  const { name, version, build } = CONDA_META.exec(path)?.groups ?? {};
  return foundPackage('conda', name, version, { build });
}

/**
 * The record of an installed package; mostly a list of its files, between what names it and where it came from.
 * https://docs.conda.io/projects/conda/en/stable/dev-guide/api/conda/models/records/index.html
 */
export const CONDA_RECORD: PackageSource = {
  ecosystem: 'conda',
  pattern: CONDA_META,
  maxSize: 16 * 1024 * 1024,
  isHeadEnough: false,
  read(content) {
    const record = parse(content.toString('utf8'));
    if (record === null) return null;
    const text = (key: string): string | undefined => {
      const value = record[key];
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const found = foundPackage('conda', text('name'), text('version'), {
      build: text('build') ?? text('build_string'),
      channel: channelOf(text('channel'), text('subdir')),
      checksum: checksumOf(text('sha256'), text('md5')),
      subdir: text('subdir'),
    });
    return found && [found];
  },
};

/** A channel is written as its address, with the platform in some versions, and may hold a token. */
function channelOf(channel: string | undefined, subdir: string | undefined): string | undefined {
  const path = channel
    ?.replace(/^[a-z]+:\/\/(?:[^/@]*@)?/i, '')
    .replace(/(?:^|\/)t\/[^/]+(?=\/)/, '')
    .split('/')
    .filter((part) => part !== '');
  if (path?.at(-1) === subdir) path?.pop();
  return path?.at(-1);
}

function checksumOf(sha256: string | undefined, md5: string | undefined): string | undefined {
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return `sha256:${sha256}`;
  return md5 !== undefined && /^[0-9a-f]{32}$/.test(md5) ? `md5:${md5}` : undefined;
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
