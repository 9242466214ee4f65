import { ArchiveError } from '@envarium/errors';
import {
  type Digest,
  formatReference,
  parseReference,
  parseRepositoryName,
  parseTag,
  type RepositoryName,
  type Tag,
} from '@envarium/oci';

/** An image in another registry. */
export interface UpstreamReference {
  /** As people write it: docker.io, registry.example.org:5000. */
  readonly host: string;
  /** Where its API is. */
  readonly apiHost: string;
  readonly repository: RepositoryName;
  /** Null only when there is a digest. */
  readonly tag: Tag | null;
  /** Goes before the tag. */
  readonly digest: Digest | null;
}

const SCHEME = /^docker:\/\//;
const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_NAMES: readonly string[] = [DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io'];
/** https://github.com/distribution/reference/blob/main/normalize.go (defaultDomain, officialRepoPrefix) */
const DOCKER_HUB_API = 'registry-1.docker.io';

/**
 * Reads `docker://registry.example.org/lab/eeg:v1@sha256:...`, the scheme being optional, as every client does: without a
 * host it is Docker Hub, whose own images live in `library/`; without tag and digest it is `latest`.
 * @throws ArchiveError NAME_INVALID, TAG_INVALID, DIGEST_INVALID
 */
export function parseUpstreamReference(text: string): UpstreamReference {
  const written = text.replace(SCHEME, '');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) {
    throw new ArchiveError('NAME_INVALID', { name: text.slice(0, 300), reason: 'scheme', supported: ['docker://'] });
  }
  const { host, repository, tag, digest } = parseReference(written);
  const defaultTag = digest === null ? parseTag('latest') : null;
  const rest = { tag: tag ?? defaultTag, digest };
  // The grammar of references knows ports above 65535, and addresses of five numbers.
  if (host !== null && !URL.canParse(`https://${host}/`)) {
    throw new ArchiveError('NAME_INVALID', { name: text.slice(0, 300), reason: 'malformed-host' });
  }
  if (host !== null && !DOCKER_HUB_NAMES.includes(host)) return { host, apiHost: host, repository, ...rest };
  const name = repository.includes('/') ? repository : parseRepositoryName(`library/${repository}`);
  return { host: DOCKER_HUB, apiHost: DOCKER_HUB_API, repository: name, ...rest };
}

/** With everything filled in; `parseUpstreamReference` reads it back. */
export function formatUpstreamReference({ host, repository, tag, digest }: UpstreamReference): string {
  return formatReference({ host, repository, tag, digest });
}

/** As in registry.example.org/lab/eeg: the repository as a mirror. */
export function formatUpstreamRepository({ host, repository }: UpstreamReference): string {
  return formatReference({ host, repository, tag: null, digest: null });
}
