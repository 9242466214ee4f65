/** Digests of one file that are read: more than there are algorithms. */
export const MOST_DIGESTS = 32;

/** A digest in the spelling of digests elsewhere (`SHA-256` and `SHA256` are sha256, SHA3-256 is sha3-256), or null. */
export function readDigest(algorithm: string, content: string): string | null {
  if (!/^[0-9a-fA-F]{32,128}$/.test(content)) return null;
  return `${algorithm.toLowerCase().replace(/^sha-/, 'sha')}:${content.toLowerCase()}`;
}

/** Some tools write the range that a project asks for where an SBOM or a lock file has the version. */
const RANGE = /^[<>^~!=]|\|\||\.\*$|^\*$|^[[(][^,]*,[^,]*[\])]$/;

export function isVersionRange(version: string): boolean {
  return RANGE.test(version);
}
