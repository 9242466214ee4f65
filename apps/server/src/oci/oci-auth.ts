import { ANONYMOUS, type Identity, type Principal, type RegistryAction } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import type { RepositoryName } from '@envarium/oci';
import type { RepositoryRef } from '@envarium/registry';
import type { OciServices } from './oci-services.js';

/*
 * The rules, with what each client needs of them:
 *  - `GET /v2/` without a token is 401 even where everything is public: podman and skopeo read the challenge only there.
 *  - What is public is served without a token all the same, to curl, to caches, to containerd.
 *  - A repository that may not be seen and one that does not exist are the same: 401 for nobody, 404 for an account.
 *  - A registry token narrows what its account may do to what was asked for. A request beyond that is 401
 *    `insufficient_scope`, but only where asking for another token would help: else clients would ask for ever.
 */

/** The account as far as this request may read in a repository; nobody where its registry token does not say so. */
export function readerOf(identity: Identity, name: string): Principal {
  return isGranted(identity, name, 'pull') ? identity.principal : ANONYMOUS;
}

/**
 * The account as far as this request may read in the repository that a blob is to be mounted from.
 * @throws ArchiveError UNAUTHORIZED with `scope`, only where a token of both repositories would help: clients that mount
 *   ask for one when they are told, and the answer gives nothing away
 */
export async function mountReader(
  { repositories }: OciServices,
  identity: Identity,
  target: string,
  source: RepositoryName,
): Promise<Principal> {
  if (isGranted(identity, source, 'pull')) return identity.principal;
  if (!(await repositories.mayRead(ANONYMOUS, source)) && (await repositories.mayRead(identity.principal, source))) {
    const scope = `repository:${target}:pull,push repository:${source}:pull`;
    throw new ArchiveError('UNAUTHORIZED', { repository: source, action: 'pull', scope });
  }
  return ANONYMOUS;
}

/** The account as far as this request may read where no repository is named; nobody where it came with a registry token. */
export function readerAnywhere({ principal, grants }: Identity): Principal {
  return grants === null ? principal : ANONYMOUS;
}

/** @throws ArchiveError UNAUTHORIZED when the request has neither an account nor a registry token */
export function requireIdentified({ principal, grants }: Identity): void {
  if (principal.kind === 'anonymous' && grants === null) throw new ArchiveError('UNAUTHORIZED');
}

/** @throws ArchiveError UNAUTHORIZED, NAME_UNKNOWN */
export async function requirePull(
  { repositories }: OciServices,
  identity: Identity,
  name: RepositoryName,
): Promise<RepositoryRef> {
  try {
    return await repositories.requireReadable(readerOf(identity, name), name);
  } catch (error) {
    if (!(error instanceof ArchiveError && error.code === 'NAME_UNKNOWN')) throw error;
    const { principal } = identity;
    const isTokenTooNarrow = !isGranted(identity, name, 'pull') && (await repositories.mayRead(principal, name));
    if (principal.kind === 'anonymous' || isTokenTooNarrow) throw unauthorized(name, 'pull', error);
    throw error;
  }
}

/**
 * The repository to push to; made by the first push.
 * @throws ArchiveError UNAUTHORIZED, NAMESPACE_UNKNOWN, DENIED, NAME_INVALID
 */
export async function requirePush(
  { repositories }: OciServices,
  identity: Identity,
  name: RepositoryName,
): Promise<RepositoryRef> {
  const { principal } = identity;
  if (principal.kind === 'anonymous') throw unauthorized(name, 'push');
  if (!isGranted(identity, name, 'push') && (await repositories.mayWrite(principal, name))) {
    throw unauthorized(name, 'push');
  }
  return await repositories.requireWritable(principal, name);
}

/**
 * The same for requests that go on with something: they never make a repository.
 * @throws ArchiveError UNAUTHORIZED, NAME_UNKNOWN, DENIED
 */
export async function requirePushToExisting(
  services: OciServices,
  identity: Identity,
  name: RepositoryName,
): Promise<RepositoryRef> {
  return await requireExisting(services, identity, name, 'push');
}

/** @throws ArchiveError UNAUTHORIZED, NAME_UNKNOWN, DENIED */
export async function requireDelete(
  services: OciServices,
  identity: Identity,
  name: RepositoryName,
): Promise<RepositoryRef> {
  return await requireExisting(services, identity, name, 'delete');
}

async function requireExisting(
  { repositories }: OciServices,
  identity: Identity,
  name: RepositoryName,
  action: 'push' | 'delete',
): Promise<RepositoryRef> {
  const { principal } = identity;
  if (principal.kind === 'anonymous') throw unauthorized(name, action);
  const repository = await repositories.requireWritableExisting(principal, name);
  if (!isGranted(identity, name, action)) throw unauthorized(name, action);
  return repository;
}

/**
 * Value of `WWW-Authenticate`. Basic works too but is not offered: clients would send the long-lived secret each time.
 * https://distribution.github.io/distribution/spec/auth/token/
 * @param scope what would permit the request, as in `repository:lab/eeg:pull`; null where no repository is asked for
 * @param identity null when it could not be established
 */
export function bearerChallenge(
  publicUrl: string,
  failure: ArchiveError,
  scope: string | null,
  identity: Identity | null,
): string {
  const error = tokenError(failure, identity);
  const wanted = typeof failure.detail['scope'] === 'string' ? failure.detail['scope'] : scope;
  const parameters = [
    `realm="${publicUrl}/token"`,
    `service="${serviceName(publicUrl)}"`,
    ...(wanted === null ? [] : [`scope="${wanted}"`]),
    ...(error === null ? [] : [`error="${error}"`]),
  ];
  return `Bearer ${parameters.join(',')}`;
}

export function serviceName(publicUrl: string): string {
  return new URL(publicUrl).host;
}

/** RFC 6750 section 3.1. Clients ask for another token when they read it. */
function tokenError({ code }: ArchiveError, identity: Identity | null): 'invalid_token' | 'insufficient_scope' | null {
  if (code === 'TOKEN_INVALID') return 'invalid_token';
  return identity === null || identity.grants === null ? null : 'insufficient_scope';
}

function isGranted({ grants }: Identity, name: string, action: RegistryAction): boolean {
  return grants === null || grants.some((grant) => grant.name === name && grant.actions.includes(action));
}

function unauthorized(repository: string, action: RegistryAction, cause?: unknown): ArchiveError {
  return new ArchiveError('UNAUTHORIZED', { repository, action }, { cause });
}
