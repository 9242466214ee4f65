/** A conda match specification as far as a file fixes it. */
export interface MatchSpec {
  readonly name: string;
  /** channel written before `::` or in brackets, credentials not yet removed */
  readonly channel: string | null;
  readonly subdir: string | null;
  /** exact version; null for a prefix (`=1.2`), a range, or no version */
  readonly version: string | null;
  readonly build: string | null;
  /** what stands after the name, as written; null when nothing does */
  readonly specifier: string | null;
}

const NAME = /^[^\s=<>!~[\]@*]+/;
const VALID_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;
/** name=version=build, as `conda env export` writes it. With a build, `=` compares the whole version. */
const WITH_BUILD = /^=\s*([^\s=<>!~,|*]+)\s*=\s*([^\s=<>!~,|]+)$/;
const WITHOUT_BUILD = /^==\s*([^\s=<>!~,|*]+)$/;

/**
 * Reads one entry of `dependencies`. There is no ratified grammar; this follows conda's own documentation:
 * https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#package-match-specifications
 *
 * @returns null when no package is named
 */
export function parseMatchSpec(text: string): MatchSpec | null {
  const { channel, subdir, rest } = splitChannel(text.trim());
  const name = NAME.exec(rest)?.[0];
  if (name === undefined || !VALID_NAME.test(name)) return null;
  const written = rest.slice(name.length).trim();
  const [, version, build] = WITH_BUILD.exec(written) ?? [];
  return {
    name,
    channel,
    subdir,
    version: version ?? WITHOUT_BUILD.exec(written)?.[1] ?? null,
    build: build === undefined || build.includes('*') ? null : build,
    specifier: written === '' ? null : written,
  };
}

/** `channel/subdir::name`, `channel::name`. Brackets may hold colons of their own. */
function splitChannel(text: string): { channel: string | null; subdir: string | null; rest: string } {
  const bracket = text.indexOf('[');
  const end = text.lastIndexOf('::', bracket === -1 ? text.length : bracket);
  if (end === -1) return { channel: null, subdir: null, rest: text };
  const before = text.slice(0, end).trim();
  const rest = text.slice(end + 2).trimStart();
  const slash = before.lastIndexOf('/');
  const last = before.slice(slash + 1);
  if (slash !== -1 && isSubdir(last)) return { channel: before.slice(0, slash), subdir: last, rest };
  return { channel: before === '' ? null : before, subdir: null, rest };
}

/** Platform directories of a channel. */
export function isSubdir(text: string): boolean {
  return text === 'noarch' || /^(?:linux|osx|win|freebsd|zos|emscripten|wasi)-[a-z0-9_]+$/.test(text);
}
