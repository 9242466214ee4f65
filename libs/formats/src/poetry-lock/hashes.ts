import { normalizePypiName } from '../purl.js';
import { PoetryFiles, type PoetryLock, type PoetryPackage } from './schema.js';

/** The hashes of each package, from whichever place this lock keeps them in. */
export class PoetryHashes {
  readonly #byName = new Map<string, unknown>();
  readonly #versions = new Map<string, number>();

  constructor(metadata: PoetryLock['metadata'], packages: readonly PoetryPackage[]) {
    for (const [name, files] of Object.entries({ ...metadata?.hashes, ...metadata?.files })) {
      this.#byName.set(normalizePypiName(name), files);
    }
    for (const { name } of packages) {
      const key = normalizePypiName(name ?? '');
      this.#versions.set(key, (this.#versions.get(key) ?? 0) + 1);
    }
  }

  of({ name = '', version, files }: PoetryPackage): string[] {
    const key = normalizePypiName(name);
    const shared = files === undefined ? PoetryFiles.parse(this.#byName.get(key)) : files;
    // The list of a name that stands twice is that of both versions.
    const isMixed = files === undefined && (this.#versions.get(key) ?? 0) > 1;
    return shared.flatMap((each) => {
      if (typeof each === 'string') return isMixed ? [] : `sha256:${each}`;
      const { file = '', hash } = each;
      return hash === undefined || (isMixed && !isOfVersion(file, version)) ? [] : hash;
    });
  }
}

/** `name-1.0-py3-none-any.whl`, `name-1.0.tar.gz` */
function isOfVersion(file: string, version: unknown): boolean {
  if (typeof version !== 'string') return false;
  const at = file.indexOf(`-${version}`);
  return at !== -1 && /^(?:-|\.(?:tar|zip|tgz))/.test(file.slice(at + version.length + 1));
}
