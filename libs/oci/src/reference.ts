import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { parseDigest, type Digest } from './digest.js';

/**
 * Grammar of `<name>` and `<reference>`.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
const NAME_COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const NAME = new RegExp(`^${NAME_COMPONENT}(?:/${NAME_COMPONENT})*$`);
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/**
 * Domain names, IPv4 and bracketed IPv6 addresses, with optional port.
 * https://github.com/distribution/reference/blob/main/reference.go
 */
const HOST_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = new RegExp(`^(?:${HOST_COMPONENT}(?:\\.${HOST_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`);

/** Many clients limit host, `/` and name together to this length. */
const NAME_MAX_LENGTH = 255;
const DETAIL_LENGTH = 300;

export const RepositoryName = z
  .string()
  .max(NAME_MAX_LENGTH)
  .regex(NAME)
  .brand<'RepositoryName'>()
  .meta({ id: 'RepositoryName', description: 'OCI repository name, as in lab/eeg-analysis' });
export type RepositoryName = z.infer<typeof RepositoryName>;

export const Tag = z.string().regex(TAG).brand<'Tag'>().meta({ id: 'Tag', description: 'OCI tag, as in v3' });
export type Tag = z.infer<typeof Tag>;

/** `host:port/name:tag@digest`; every part but the name is optional. */
export interface ImageReference {
  readonly host: string | null;
  readonly repository: RepositoryName;
  readonly tag: Tag | null;
  readonly digest: Digest | null;
}

/** @throws ArchiveError NAME_INVALID */
export function parseRepositoryName(text: string): RepositoryName {
  const result = RepositoryName.safeParse(text);
  if (result.success) return result.data;
  throw nameInvalid(text, text.length > NAME_MAX_LENGTH ? 'too-long' : 'malformed');
}

/** @throws ArchiveError TAG_INVALID */
export function parseTag(text: string): Tag {
  const result = Tag.safeParse(text);
  if (result.success) return result.data;
  throw new ArchiveError('TAG_INVALID', { tag: text.slice(0, DETAIL_LENGTH) });
}

export function isTag(value: unknown): value is Tag {
  return Tag.safeParse(value).success;
}

/**
 * The tag under which clients keep the referrers of a digest where a registry has no API for them.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
 */
export function referrersTag(subject: Digest): Tag {
  const [algorithm = '', encoded = ''] = subject.split(':');
  return parseTag(`${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`);
}

/**
 * Reads `host:port/ns/name:tag@sha256:...`. Nothing is filled in: without a host `host` is null, without a tag `tag` is
 * null (no "latest").
 * @throws ArchiveError NAME_INVALID, TAG_INVALID or DIGEST_INVALID, by the part that is wrong
 */
export function parseReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const digest = at === -1 ? null : parseDigest(text.slice(at + 1));
  const named = at === -1 ? text : text.slice(0, at);

  const firstSlash = named.indexOf('/');
  const first = named.slice(0, Math.max(firstSlash, 0));
  const host = firstSlash !== -1 && looksLikeHost(first) ? first : null;
  if (host !== null && !HOST.test(host)) throw nameInvalid(text, 'malformed-host');

  const path = host === null ? named : named.slice(firstSlash + 1);
  const colon = path.indexOf(':');
  const tag = colon === -1 ? null : parseTag(path.slice(colon + 1));
  const repository = parseRepositoryName(colon === -1 ? path : path.slice(0, colon));
  if (host !== null && host.length + 1 + repository.length > NAME_MAX_LENGTH) throw nameInvalid(text, 'too-long');
  return { host, repository, tag, digest };
}

/**
 * The inverse of `parseReference`.
 * @throws ArchiveError NAME_INVALID when the name's first component would be read back as a host (`my.lab/env` without a host)
 */
export function formatReference(reference: ImageReference): string {
  const { host, repository, tag, digest } = reference;
  if (host === null && repository.includes('/') && looksLikeHost(repository.slice(0, repository.indexOf('/')))) {
    throw nameInvalid(repository, 'ambiguous-host');
  }
  const name = host === null ? repository : `${host}/${repository}`;
  return `${name}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/**
 * The rule of every client: the first component is a host when it could not be a user's namespace.
 * https://github.com/distribution/reference/blob/main/normalize.go (splitDockerDomain)
 */
function looksLikeHost(component: string): boolean {
  return /[.:[]/.test(component) || component === 'localhost' || component !== component.toLowerCase();
}

function nameInvalid(name: string, reason: string): ArchiveError {
  return new ArchiveError('NAME_INVALID', { name: name.slice(0, DETAIL_LENGTH), reason });
}
