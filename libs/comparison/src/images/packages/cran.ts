import { foundPackage, headerFields, type PackageSource } from './package-source.js';

/** https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file; R adds `Built` when it installs. */
export const R_DESCRIPTION: PackageSource = {
  ecosystem: 'cran',
  pattern: /(?:^|\/)(?:library|site-library)\/[^/]+\/DESCRIPTION$/,
  maxSize: 256 * 1024,
  isHeadEnough: false,
  read(content) {
    const fields = headerFields(content.toString('utf8'));
    if (!fields.has('built')) return [];
    const found = foundPackage('cran', fields.get('package'), fields.get('version'));
    return found && [found];
  },
};
