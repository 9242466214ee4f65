import { foundPackage, type FoundPackage, type PackageSource } from './package-source.js';

/** https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2 */
export const APK_INSTALLED: PackageSource = {
  ecosystem: 'apk',
  pattern: /^(?:usr\/)?lib\/apk\/db\/installed$/,
  maxSize: 16 * 1024 * 1024,
  isHeadEnough: false,
  read(content) {
    const text = content.toString('utf8');
    const packages: FoundPackage[] = [];
    for (const paragraph of text.split(/\n{2,}/)) {
      if (paragraph.trim() === '') continue;
      const found = foundPackage('apk', field(paragraph, 'P'), field(paragraph, 'V'), { arch: field(paragraph, 'A') });
      if (found === null) return null;
      packages.push(found);
    }
    return packages;
  },
};

/** Names of fields are one letter, and its case matters. */
function field(paragraph: string, letter: string): string | undefined {
  const line = paragraph.split('\n').find((text) => text.startsWith(`${letter}:`));
  return line?.slice(2).trim();
}
