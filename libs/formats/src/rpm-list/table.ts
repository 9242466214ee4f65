import { isArchitecture, parseEvr, parseNevra } from './nevra.js';
import { hasDistTag, type RpmFacts } from './rpm-package.js';

/** Reads one row of a kind of listing; null when it is none. */
export type RowReader = (content: string, line: number) => RpmFacts | null;

const plain = { vendor: null, source: null, isInstalled: true } as const;

/** `rpm -qa`, also with the date that `--last` puts behind it. */
export const readNevraRow: RowReader = (content, line) => {
  const text = content.trim();
  const end = text.search(/\s/);
  const nevra = parseNevra(end === -1 ? text : text.slice(0, end));
  if (nevra === null || (end !== -1 && !/\b\d{4}\b/.test(text.slice(end)))) return null;
  const { name, version, release, epoch, architecture } = nevra;
  const written = epoch === null ? `${version}-${release}` : `${epoch}:${version}-${release}`;
  // Without a spread: listings have many rows.
  return {
    name,
    version,
    release,
    epoch,
    architecture,
    written,
    line,
    vendor: null,
    source: null,
    isInstalled: true,
  };
};

/** `name.architecture [epoch:]version-release @repository` of yum and dnf */
export const readDnfRow: RowReader = (content, line) => {
  const [first = '', evrText = '', repository = '', ...more] = content.trim().split(/\s+/);
  const dot = first.lastIndexOf('.');
  const architecture = first.slice(dot + 1);
  const evr = parseEvr(evrText);
  if (dot < 1 || !isArchitecture(architecture) || evr === null || more.length > 0) return null;
  const source = repository === '' ? null : repository.replace(/^@/, '');
  return { ...plain, ...evr, name: first.slice(0, dot), architecture, source, written: evrText, line };
};

/**
 * Columns of a `--queryformat`. Which is which is told by what stands in them: the name first, then an architecture, and
 * `[epoch:]version-release` in one column or two.
 */
export function columnReader(separator: RegExp, most = Infinity): RowReader {
  return (content, line) => {
    const [name = '', ...columns] = content
      .trim()
      .split(separator)
      .map((column) => column.trim());
    if (columns.length >= most) return null;
    const at = columns.findIndex(isArchitecture);
    const architecture = columns[at];
    if (name === '' || /[\s,;|]/.test(name)) return null;
    const evrAt = columns.findIndex((column) => parseEvr(column) !== null);
    const evr = parseEvr(columns[evrAt] ?? '');
    const known = { ...plain, name, architecture: architecture === '(none)' ? null : (architecture ?? null), line };
    if (evr !== null) {
      // Far behind the name it is something else that has a hyphen.
      return evrAt > 3 || (at === -1 && !hasDistTag(evr.release))
        ? null
        : { ...known, ...evr, written: columns[evrAt] ?? '' };
    }
    const [first = '', second = '', third = ''] = columns.filter((_, index) => index !== at);
    const hasEpoch = /^(?:\d+|\(none\))$/.test(first) && isVersionPart(second) && hasDistTag(`.${third}`);
    const [epoch, version, release] = hasEpoch ? [first, second, third] : [null, first, second];
    if (!isVersionPart(version) || !isVersionPart(release) || !(at !== -1 || hasDistTag(release))) return null;
    return { ...known, version, release, epoch: epoch === '(none)' ? null : epoch, written: version };
  };
}

function isVersionPart(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._+~^]*$/.test(text);
}
