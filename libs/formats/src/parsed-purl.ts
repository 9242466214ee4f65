import { PackageURL } from 'packageurl-js';
import { formatPurl, normalizePypiName } from './purl.js';
import { redactUrl, redactWithin } from './redact.js';

/** Ecosystems whose purl namespace is the vendor, not a part of the name. */
const VENDORED: readonly string[] = ['deb', 'rpm', 'apk', 'alpm'];

export interface ParsedPurl {
  readonly type: string;
  /** name with the namespace where it is a part of the name, as the ecosystem compares it */
  readonly fullName: string;
  /** canonical, without credentials in the URLs of its qualifiers */
  readonly text: string;
  readonly hadCredentials: boolean;
}

/** A purl of a foreign document; null when it is not valid. It is never repaired. */
export function parsePurl(written: string): ParsedPurl | null {
  let purl: PackageURL;
  try {
    purl = PackageURL.fromString(written);
  } catch {
    return null;
  }
  const { type, namespace, name, version, subpath } = purl;
  if (!type || !name) return null;
  let hadCredentials = false;
  const qualifiers: Record<string, string> = {};
  for (const [key, value] of Object.entries(purl.qualifiers ?? {})) {
    const redacted = redactUrl(value);
    hadCredentials ||= redacted.hadCredentials;
    qualifiers[key] = redacted.url;
  }
  const text = formatPurl({
    type,
    name,
    qualifiers,
    ...(namespace ? { namespace } : {}),
    ...(version ? { version } : {}),
    ...(subpath ? { subpath } : {}),
  });
  if (text === null) return null;
  const ownName = type === 'pypi' ? normalizePypiName(name) : name;
  const isPart = namespace && !VENDORED.includes(type);
  return { type, fullName: isPart ? `${namespace}/${ownName}` : ownName, text, hadCredentials };
}

/** As much of a purl that is not valid as can be shown: its qualifiers may hold URLs with credentials. */
export function shownPurl(written: string): string {
  const [head = ''] = written.split('?', 1);
  return redactWithin(head).url.slice(0, 200);
}
