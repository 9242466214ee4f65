import { foundPackage, headerFields, type PackageSource } from './package-source.js';

/**
 * Core metadata of an installed distribution; what comes behind the first empty line is its description.
 * https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
export const PYTHON_METADATA: PackageSource = {
  ecosystem: 'pypi',
  pattern:
    /(?:^|\/)(?:site|dist)-packages\/[^/]+(?:\.dist-info\/METADATA|\.egg-info\/PKG-INFO|\.egg\/EGG-INFO\/PKG-INFO|\.egg-info)$/,
  // uv links what it installs to its cache.
  cachePattern: /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO)$/,
  maxSize: 64 * 1024,
  isHeadEnough: true,
  read(content) {
    const [head = ''] = content.toString('utf8').replaceAll('\r\n', '\n').split('\n\n', 1);
    const fields = headerFields(head);
    const written = foundPackage('pypi', fields.get('name'), fields.get('version'));
    if (written === null) return null;
    const name = normalName(written.name);
    return [{ ...written, name, ...(name !== written.name && { writtenName: written.name }) }];
  },
};

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
function normalName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
