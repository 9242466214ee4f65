import {
  type Identity,
  parseRegistryScopes,
  type Principal,
  REGISTRY_TOKEN_SECONDS,
  type RegistryAction,
  type RegistryGrant,
} from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { RepositoryName } from '@envarium/oci';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendJson } from './oci-reply.js';
import { parseOciQuery } from './oci-route.js';
import type { OciServices } from './oci-services.js';
import { readBody } from './request-body.js';

const FORM_LIMIT = 64 * 1024;

/**
 * GET, as all clients ask: Basic credentials or none, scopes in the query.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export async function getToken(services: OciServices, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const identity = await services.authentication.identify(request.headers.authorization);
  await sendToken(services, identity, parseOciQuery(request.raw.url ?? ''), reply);
}

/**
 * POST, as containerd asks first: a form with the password.
 * https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function postToken(services: OciServices, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const bytes = await readBody(request.raw, FORM_LIMIT, 'BODY_TOO_LARGE');
  const form = new URLSearchParams(bytes.toString('utf8'));
  const authorization = formCredentials(form) ?? request.headers.authorization;
  await sendToken(services, await services.authentication.identify(authorization), form, reply);
}

/** @throws ArchiveError REQUEST_INVALID: refresh tokens are never given, so none can be taken */
function formCredentials(form: URLSearchParams): string | undefined {
  const grantType = form.get('grant_type');
  if (grantType === null) return undefined;
  if (grantType !== 'password') {
    const given = grantType.slice(0, 64);
    throw new ArchiveError('REQUEST_INVALID', { error: 'unsupported_grant_type', given, supported: ['password'] });
  }
  const credentials = `${form.get('username') ?? ''}:${form.get('password') ?? ''}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

async function sendToken(
  services: OciServices,
  identity: Identity,
  parameters: URLSearchParams,
  reply: FastifyReply,
): Promise<void> {
  // A registry token that could ask for another one would never expire, nor keep its own limits.
  if (identity.grants !== null) throw new ArchiveError('TOKEN_INVALID', { kind: 'registry token' });
  const issuedAt = new Date();
  const access = await permittedScopes(services, identity.principal, parameters.getAll('scope'));
  const token = services.authentication.issueRegistryToken(identity.principal, access);
  reply.header('cache-control', 'no-store');
  await sendJson(reply, {
    token,
    // Clients that come from OAuth 2 read this name.
    access_token: token,
    expires_in: REGISTRY_TOKEN_SECONDS,
    issued_at: issuedAt.toISOString(),
  });
}

/** What was asked for and is permitted. Nothing left is no error: public content is read with an empty token. */
async function permittedScopes(
  { repositories }: OciServices,
  principal: Principal,
  scopes: readonly string[],
): Promise<RegistryGrant[]> {
  const granted: RegistryGrant[] = [];
  for (const { name, actions: wanted } of parseRegistryScopes(scopes)) {
    if (!RepositoryName.safeParse(name).success) continue;
    const mayWrite = await repositories.mayWrite(principal, name);
    const mayRead = mayWrite || (await repositories.mayRead(principal, name));
    const permitted: RegistryAction[] = [
      ...(mayRead ? ['pull' as const] : []),
      ...(mayWrite ? ['push' as const, 'delete' as const] : []),
    ];
    const actions = permitted.filter((action) => wanted.has(action));
    if (actions.length > 0) granted.push({ name, actions });
  }
  return granted;
}
