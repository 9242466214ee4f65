import type { SkipReason } from '@envarium/schema';
import { formatPurl } from '../purl.js';
import { redactUrl } from '../redact.js';

/** An entry of `Remotes`: where a dependency comes from that is not in a repository. */
export interface Remote {
  /** the package's name as far as the entry tells: the repository's name is a guess that R makes too */
  readonly name: string | null;
  readonly source: string;
  readonly purl: string | null;
  readonly skipReason: SkipReason | null;
  readonly hadCredentials: boolean;
}

const ENTRY = /^(?:(?<name>[A-Za-z][A-Za-z0-9.]*)=)?(?:(?<kind>[a-z]\w*)(?:@(?<host>[^:]+))?::)?(?<rest>.+)$/;
const FORGE = /^(?<owner>[^/@#\s]+)\/(?<repository>[^/@#\s]+)(?<folder>(?:\/[^@#\s]+)?)(?:[@#](?<ref>\S+))?$/;
const COMMIT = /^[0-9a-f]{40}$/;
const HOSTS: Readonly<Record<string, string>> = {
  github: 'github.com',
  gitlab: 'gitlab.com',
  bitbucket: 'bitbucket.org',
};

/** https://remotes.r-lib.org/articles/dependencies.html. Nothing is looked up, so that a branch stays a branch. */
export function parseRemote(text: string): Remote {
  const { name, kind = 'github', host, rest = '' } = ENTRY.exec(text)?.groups ?? {};
  const redacted = redactUrl(rest);
  const plain = {
    name: name ?? null,
    source: `${kind}::${redacted.url}`,
    purl: null,
    hadCredentials: redacted.hadCredentials,
  };
  if (kind === 'local') return { ...plain, skipReason: 'local-path' };
  if (kind === 'url') return { ...plain, source: redacted.url, skipReason: 'url-source' };
  if (kind === 'bioc' || kind === 'cran') return { ...plain, name: name ?? redacted.url, skipReason: null };
  const forge = Object.hasOwn(HOSTS, kind) ? FORGE.exec(rest)?.groups : undefined;
  const { owner, repository, folder = '', ref } = forge ?? {};
  if (owner === undefined || repository === undefined) {
    return { ...plain, name: name ?? lastSegment(rest), source: redacted.url, skipReason: 'vcs-source' };
  }
  const at = ref === undefined ? '' : `#${ref}`;
  const isPublic = host === undefined && kind !== 'gitlab';
  const purl =
    isPublic && ref !== undefined && COMMIT.test(ref)
      ? formatPurl({ type: kind, namespace: owner, name: repository, version: ref, subpath: folder.slice(1) })
      : null;
  return {
    name: name ?? (folder === '' ? repository : folder.slice(folder.lastIndexOf('/') + 1)),
    source: `https://${host ?? HOSTS[kind] ?? kind}/${owner}/${repository}${at}`,
    purl,
    skipReason: purl === null ? 'vcs-source' : null,
    hadCredentials: false,
  };
}

/** `https://git.example.org/lab/tools.git@main` and `git@git.example.org:lab/tools`: tools */
function lastSegment(location: string): string | null {
  const [path = ''] = /^(?:[a-z+]+:\/\/)?(?:[^/@#]*@)?[^@#]*/i.exec(location) ?? [];
  const last =
    path
      .replace(/\/$/, '')
      .split(/[/:]/)
      .at(-1)
      ?.replace(/\.git$/, '') ?? '';
  return /^[A-Za-z][A-Za-z0-9.]*$/.test(last) ? last : null;
}
