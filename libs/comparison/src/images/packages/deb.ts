import { foundPackage, type FoundPackage, headerFields, type PackageSource } from './package-source.js';

const MAX_SIZE = 16 * 1024 * 1024;

/** What dpkg has installed. https://manpages.debian.org/bookworm/dpkg/dpkg-query.1.en.html */
export const DPKG_STATUS: PackageSource = {
  ecosystem: 'deb',
  pattern: /^var\/lib\/dpkg\/status$/,
  maxSize: MAX_SIZE,
  isHeadEnough: false,
  read: (content) => readParagraphs(content.toString('utf8'), true),
};

/** Images without dpkg itself have one file for each package, and it has no status line. */
export const DPKG_STATUS_FILES: PackageSource = {
  ecosystem: 'deb',
  pattern: /^var\/lib\/dpkg\/status\.d\/[^/]+(?<!\.md5sums)$/,
  maxSize: MAX_SIZE,
  isHeadEnough: false,
  read: (content) => readParagraphs(content.toString('utf8'), false),
};

function readParagraphs(text: string, hasStatus: boolean): FoundPackage[] | null {
  const packages: FoundPackage[] = [];
  for (const paragraph of text.split(/\n{2,}/)) {
    if (paragraph.trim() === '') continue;
    const fields = headerFields(paragraph);
    if (hasStatus && !(fields.get('status') ?? '').endsWith(' installed')) continue;
    const found = foundPackage('deb', fields.get('package'), fields.get('version'), {
      arch: fields.get('architecture'),
    });
    if (found === null) return null;
    packages.push(found);
  }
  return packages;
}
