import { createHash, type Hash } from 'node:crypto';
import type { FileListDocument } from '@envarium/schema';
import { formatFileLine } from './file-list-lines.js';
import type { FileListing, ImagePackage } from './file-listing.js';
import { demandsOf } from './image-demands.js';
import { listRulesName } from './list-rules.js';
import { noiseRuleOf } from './noise-policy.js';
import { runConfigDigest } from './run-config.js';

/** The digests by which two images can be told to be the same without reading their lists. @param list of `files.jsonl.gz` */
export function describeFiles(
  listing: FileListing,
  list: { readonly digest: string; readonly size: number },
): FileListDocument {
  const [tree, withoutTimes, withoutNoise] = [createHash('sha256'), createHash('sha256'), createHash('sha256')];
  for (const entry of listing.entries) {
    const line = `${formatFileLine(entry, false)}\n`;
    tree.update(`${formatFileLine(entry)}\n`);
    withoutTimes.update(line);
    if (noiseRuleOf(entry.path) === null) withoutNoise.update(line);
  }
  return {
    schemaVersion: 1,
    imageDigest: listing.imageDigest,
    configDigest: listing.configDigest,
    diffIds: [...listing.diffIds],
    runConfigDigest: runConfigDigest(listing.runConfig),
    treeDigest: digest(tree),
    treeWithoutTimesDigest: digest(withoutTimes),
    treeWithoutNoiseDigest: digest(withoutNoise),
    noisePolicy: listRulesName(),
    packagesDigest: listing.packages.length === 0 ? null : digestOfPackages(listing.packages),
    entryCount: listing.entries.length,
    size: listing.size,
    list: { digest: list.digest, size: list.size },
    demands: demandsOf(listing),
  };
}

/** Over ecosystem, name and version: where a package lies does not make it another. */
function digestOfPackages(packages: readonly ImagePackage[]): string {
  const hash = createHash('sha256');
  for (const { ecosystem, name, version } of packages) hash.update(`${JSON.stringify([ecosystem, name, version])}\n`);
  return digest(hash);
}

function digest(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
