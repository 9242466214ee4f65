import type { SkipReason } from '@envarium/schema';
import { formatPurl } from '../purl.js';

/** What a lock entry's `version` or `resolved` says about where the package comes from. */
export type Origin =
  | { readonly kind: 'registry' }
  | { readonly kind: 'git'; readonly purl: string | null }
  | { readonly kind: 'path' }
  | { readonly kind: 'url' };

const HOSTED = /^(github|gitlab|bitbucket|gist):/;
const GIT = /^git(?:\+[a-z]+)?:\/\/|^git@|^https?:\/\/[^#]*\.git(?:#|$)/;
/** `owner/repository` and the commit in any of the spellings npm writes. */
const GIT_PARTS =
  /^(?:(?<shorthand>github|bitbucket):|(?:git(?:\+[a-z]+)?|https?):\/\/(?:[^@/#]*@)?(?<host>[^/:#]+)(?::\d*)?[/:])(?<owner>[^/#:]+)\/(?<repository>[^/#]+?)(?:\.git)?#(?<commit>[0-9a-f]{40})$/;

/** @param text a `resolved` of lockfileVersion 2 and 3, or a `version` of 1 */
export function originOf(text: string): Origin {
  if (/^(?:file:|link:|\.{0,2}\/|~\/)/.test(text)) return { kind: 'path' };
  if (HOSTED.test(text) || GIT.test(text)) return { kind: 'git', purl: gitPurl(text) };
  if (/^https?:\/\//.test(text)) return { kind: 'url' };
  return { kind: 'registry' };
}

/** Only hosts with a purl type of their own can be named; a branch or tag names no fixed content. */
function gitPurl(text: string): string | null {
  const { shorthand, host, owner, repository, commit } = GIT_PARTS.exec(text)?.groups ?? {};
  const type = shorthand ?? (host === 'github.com' ? 'github' : host === 'bitbucket.org' ? 'bitbucket' : null);
  if (type === null || owner === undefined || repository === undefined || commit === undefined) return null;
  return formatPurl({ type, namespace: owner, name: repository, version: commit });
}

export function npmPurl(name: string, version: string | null): string | null {
  const slash = name.startsWith('@') ? name.indexOf('/') : -1;
  return formatPurl({
    type: 'npm',
    ...(slash === -1 ? {} : { namespace: name.slice(0, slash) }),
    name: name.slice(slash + 1),
    ...(version === null ? {} : { version }),
  });
}

export type ReadVersion =
  | { readonly version: string; readonly skipReason: null }
  | { readonly version: null; readonly specifier: string | null; readonly skipReason: SkipReason };

const EXACT = /^v?\d+(?:\.\d+)*(?:[-+][0-9A-Za-z.+-]*|[A-Za-z][0-9A-Za-z.-]*)?$/;
const RANGE = /[\^~<>=|*\s]|(?:^|\.)[xX](?:\.|$)|^$/;

/** An exact version, also the loose ones of early packages (`1.0`, `2.0.0beta1`); never a range or a tag. */
export function readVersion(version: unknown): ReadVersion {
  if (version === undefined) return { version: null, specifier: null, skipReason: 'no-version' };
  if (typeof version !== 'string') return { version: null, specifier: null, skipReason: 'version-invalid' };
  if (RANGE.test(version)) return { version: null, specifier: version, skipReason: 'version-range' };
  if (EXACT.test(version)) return { version, skipReason: null };
  return { version: null, specifier: version, skipReason: 'version-invalid' };
}
