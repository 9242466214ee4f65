import type { Identity } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { API_VERSION, HEADER_API_VERSION } from '@envarium/oci';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  bearerChallenge,
  requireDelete,
  requireIdentified,
  requirePull,
  requirePush,
  requirePushToExisting,
  serviceName,
} from './oci-auth.js';
import { sendOciError } from './oci-errors.js';
import { type OciPath, parseOciPath, parseOciQuery } from './oci-route.js';
import { type OciRoute, requireRoute } from './oci-routes.js';
import type { OciCall, OciServices } from './oci-services.js';
import { getToken, postToken } from './token-endpoint.js';

/**
 * The OCI Distribution API under `/v2`, and the token service of its clients under `/token`. In an encapsulated Fastify
 * context, because here no body may be parsed, limited or held, and every answer, also to an unknown path, has the
 * envelope of the specification. Guards and filters of the application do not run on these routes.
 * Call it before the application listens.
 */
export async function registerOci(fastify: FastifyInstance, services: OciServices): Promise<void> {
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.addHook('onRequest', async (_request, reply) => setCommonHeaders(reply));
    // Only what fails before a handler runs comes here.
    scope.setErrorHandler((error, request, reply) => sendOciError(error, request, reply, () => 'Bearer'));
    for (const url of ['/v2', '/v2/*']) {
      scope.route({
        method: scope.supportedMethods,
        url,
        exposeHeadRoute: false,
        handler: async (request, reply) => await answer(services, request, reply),
      });
    }
    scope.get('/token', { exposeHeadRoute: false }, async (request, reply) => {
      await answerToken(services, request, reply, getToken);
    });
    scope.post('/token', async (request, reply) => {
      await answerToken(services, request, reply, postToken);
    });
  });
}

/**
 * For the option `frameworkErrors` of the Fastify server: answers URLs under `/v2` that no route ever sees, as `/v2/%zz`.
 */
export function answerFrameworkError(cause: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  setCommonHeaders(reply);
  const path = (request.raw.url ?? '').slice(0, 300);
  const failure = new ArchiveError('NAME_INVALID', { path, reason: 'malformed' }, { cause });
  void sendOciError(failure, request, reply, () => 'Bearer');
}

async function answer(services: OciServices, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  let scope: string | null = null;
  let identity: Identity | null = null;
  try {
    const url = request.raw.url ?? '';
    const path = parseOciPath(url);
    const route = requireRoute(path.endpoint, request.method, (allow) => reply.header('allow', allow));
    scope = scopeOf(path, route);
    identity = await services.authentication.identify(request.headers.authorization);
    const reference = 'reference' in path ? path.reference : '';
    await perform(route, path, { services, identity, request, reply, query: parseOciQuery(url), reference });
  } catch (error) {
    const challenge = (failure: ArchiveError): string =>
      bearerChallenge(services.publicUrl(), failure, scope, identity);
    await sendOciError(error, request, reply, challenge);
  }
}

const REQUIREMENTS = {
  pull: requirePull,
  push: requirePush,
  'push-to-existing': requirePushToExisting,
  delete: requireDelete,
} as const;
const SCOPE_ACTIONS: Readonly<Record<string, string>> = {
  push: 'pull,push',
  'push-to-existing': 'pull,push',
  delete: 'delete,pull',
};

async function perform(route: OciRoute, path: OciPath, call: OciCall): Promise<void> {
  if (route.permission === 'anyone') return await route.handle(call);
  if (route.permission === 'identified') {
    requireIdentified(call.identity);
    return await route.handle(call);
  }
  if (!('name' in path)) throw new TypeError(`${path.endpoint} has no repository to be permitted in`);
  const { services, identity } = call;
  if (route.permission === 'pull-if-known') {
    const repository = await requirePull(services, identity, path.name).catch(nullIfUnknown);
    return await route.handle({ ...call, repository });
  }
  const permit = REQUIREMENTS[route.permission];
  await route.handle({ ...call, repository: await permit(services, identity, path.name) });
}

async function answerToken(
  services: OciServices,
  request: FastifyRequest,
  reply: FastifyReply,
  handle: typeof getToken,
): Promise<void> {
  try {
    await handle(services, request, reply);
  } catch (error) {
    await sendOciError(error, request, reply, () => `Basic realm="${serviceName(services.publicUrl())}"`);
  }
}

function scopeOf(path: OciPath, { permission }: OciRoute): string | null {
  return 'name' in path ? `repository:${path.name}:${SCOPE_ACTIONS[permission] ?? 'pull'}` : null;
}

function setCommonHeaders(reply: FastifyReply): void {
  reply.headers({ [HEADER_API_VERSION]: API_VERSION, 'x-content-type-options': 'nosniff' });
}

function nullIfUnknown(error: unknown): null {
  if (error instanceof ArchiveError && error.code === 'NAME_UNKNOWN') return null;
  throw error;
}
