import { foundPackage, type FoundPackage, type PackageSource } from './package-source.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KEY = /^(?<key>[a-z]+)\s*=\s*"(?<value>[^"\\]*)"\s*(?:#.*)?$/;
/** Format 1.0 has the packages at the top level, 2.0 under `deps`. */
const ENTRY = /^\[\[\s*(?:deps\s*\.\s*)?"?(?<name>[\w.-]+)"?\s*\]\]\s*$/;

/**
 * What the depot holds: `packages/NAME/SLUG` of any version that was ever added. Of the file only plain strings at its top
 * are read, as Pkg writes them. https://pkgdocs.julialang.org/v1/toml-files/
 */
export const JULIA_DEPOT: PackageSource = {
  ecosystem: 'julia',
  pattern: /(?:^|\/)packages\/[^/]+\/[0-9A-Za-z]{4,8}\/(?:Julia)?Project\.toml$/,
  maxSize: 64 * 1024,
  isHeadEnough: false,
  read(content) {
    const fields = new Map<string, string>();
    for (const line of content.toString('utf8').split(/\r?\n/)) {
      if (/^\s*\[/.test(line)) break;
      const { key, value } = KEY.exec(line.trim())?.groups ?? {};
      if (key !== undefined && value !== undefined) fields.set(key, value);
    }
    // A folder of another tool may look the same.
    if (!fields.has('uuid')) return [];
    const found = juliaPackage(fields.get('name'), fields.get('version'), fields.get('uuid'));
    return found && [found];
  },
};

/** What an environment resolves to. Entries without a version belong to Julia itself, or lie in a folder. */
export const JULIA_MANIFEST: PackageSource = {
  ecosystem: 'julia',
  pattern: /(?:^|\/)(?:environments\/[^/]+\/)(?:Julia)?Manifest\.toml$/,
  maxSize: 8 * 1024 * 1024,
  isHeadEnough: false,
  read(content) {
    const packages: FoundPackage[] = [];
    let name: string | null = null;
    let fields = new Map<string, string>();
    const end = (): boolean => {
      if (name === null || !fields.has('version')) return true;
      const found = juliaPackage(name, fields.get('version'), fields.get('uuid'));
      if (found !== null) packages.push(found);
      return found !== null;
    };
    for (const line of content.toString('utf8').split(/\r?\n/)) {
      const text = line.trim();
      if (text.startsWith('[[')) {
        if (!end()) return null;
        name = ENTRY.exec(text)?.groups?.['name'] ?? null;
        fields = new Map();
        if (name === null) return null;
        continue;
      }
      // Tables inside an entry (its dependencies, say) have keys of their own.
      if (text.startsWith('[')) {
        if (!end()) return null;
        name = null;
      }
      const { key, value } = KEY.exec(text)?.groups ?? {};
      if (name !== null && key !== undefined && value !== undefined) fields.set(key, value);
    }
    return end() ? packages : null;
  },
};

function juliaPackage(name?: string, version?: string, uuid?: string): FoundPackage | null {
  return uuid !== undefined && UUID.test(uuid) ? foundPackage('julia', name, version, { uuid }) : null;
}
