import { type ByteString } from '../file-record.js';
import { foundPackage, type FoundPackage } from './package-source.js';

/** `NAME-VERSION-BUILD.json`: conda itself relies on the name, and the content is mostly a list of files. */
const CONDA_META = /(?:^|\/)conda-meta\/(?<name>[^/]+)-(?<version>[^/-]+)-(?<build>[^/-]+)\.json$/;

export function readCondaMeta(path: ByteString): FoundPackage | null {
  const { name, version, build } = CONDA_META.exec(path)?.groups ?? {};
  return foundPackage('conda', name, version, { build });
}
