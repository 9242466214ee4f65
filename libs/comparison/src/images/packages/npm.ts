import { foundPackage, type PackageSource } from './package-source.js';

/** The package.json of each package in a node_modules, however deep that lies; those inside a package's own folders are its own affair. */
export const NODE_MODULES: PackageSource = {
  ecosystem: 'npm',
  pattern: /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/,
  cachePattern: /\/package\.json$/,
  maxSize: 1024 * 1024,
  isHeadEnough: false,
  read(content) {
    const value = parse(content.toString('utf8'));
    if (typeof value !== 'object' || value === null) return null;
    // Folders that only say how their files are to be read.
    if (!('name' in value) || !('version' in value)) return [];
    const found = foundPackage('npm', value.name, value.version);
    return found && [found];
  },
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
