import type { AuthenticationService } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import mercurius from 'mercurius';
import { z } from 'zod';
import { formatErrors, statusOf } from './graphql-errors.js';
import { limitCost } from './limit-cost.js';
import type { Followers } from '../jobs/followers.js';
import type { OperationContext } from './operation-context.js';
import { parseSubscription, sendSubscription } from './subscription.js';

/** Variables included. */
const BODY_LIMIT = 256 * 1024;
/** A query is parsed and remembered as a whole; what is long in a request belongs into its variables. */
const QUERY_LIMIT = 32 * 1024;

/** Validation compares fields of one name in pairs: twice the tokens take four times as long. Introspection has 182. */
const TOKEN_LIMIT = 2000;
/** Parsed queries that are remembered, and as many refused ones. */
const REMEMBERED_QUERIES = 256;

const Variables = z.record(z.string(), z.unknown());
/** https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters. No lists of requests. */
const PostRequest = z.object({
  query: z.string().min(1).max(QUERY_LIMIT),
  operationName: z.string().max(255).nullish(),
  variables: Variables.nullish(),
});
const GetRequest = PostRequest.extend({
  variables: z
    .string()
    .transform((text, context) => {
      try {
        return Variables.parse(JSON.parse(text));
      } catch {
        context.addIssue('is not a JSON object');
        return z.NEVER;
      }
    })
    .optional(),
});
type GraphqlRequest = z.infer<typeof PostRequest>;

/**
 * `POST /graphql` and `GET /graphql?query=`. Mercurius executes; its own routes are off, so that limits, identity and errors
 * are those of the rest of the service. The schema comes later, from `SchemaDriver`. With `Accept: text/event-stream` a
 * subscription is answered in events, over the same route and so within the same limits.
 */
export async function registerGraphql(
  fastify: FastifyInstance,
  authentication: AuthenticationService,
  followers: Followers,
): Promise<void> {
  await fastify.register(mercurius, {
    routes: false,
    cache: REMEMBERED_QUERIES,
    graphql: { parseOptions: { maxTokens: TOKEN_LIMIT } },
    // Formatted below, where the request is known.
    errorFormatter: (execution) => ({ statusCode: 200, response: execution }),
  });
  fastify.graphql.addHook('preExecution', limitCost);
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, JSON.parse(body.toString()));
      } catch (error) {
        done(new ArchiveError('REQUEST_INVALID', { problems: ['the body is not JSON'] }, { cause: error }));
      }
    });
    scope.setErrorHandler((error, request, reply) => {
      const status = statusOf(error);
      if (status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="envarium"');
      void send(reply, status, { errors: formatErrors([error], request) });
    });
    scope.route({
      method: 'POST',
      url: '/graphql',
      bodyLimit: BODY_LIMIT,
      handler: async (request, reply) => await answer(request, reply, parseRequest(PostRequest, request.body)),
    });
    scope.route({
      method: 'GET',
      url: '/graphql',
      handler: async (request, reply) => await answer(request, reply, parseRequest(GetRequest, request.query)),
    });

    async function answer(request: FastifyRequest, reply: FastifyReply, asked: GraphqlRequest): Promise<FastifyReply> {
      const caller = await authentication.principalOf(request.headers.authorization);
      const context: OperationContext = { caller, operationName: asked.operationName ?? undefined };
      if (request.headers.accept?.includes('text/event-stream') === true) {
        const operation = parseSubscription(asked, TOKEN_LIMIT);
        if (operation !== null) {
          await sendSubscription(request, reply, { ...operation, schema: scope.graphql.schema, context, followers });
          return reply;
        }
      }
      const execution = await scope.graphql(
        asked.query,
        { ...context },
        asked.variables ?? {},
        asked.operationName ?? undefined,
      );
      const errors = execution.errors === undefined ? {} : { errors: formatErrors(execution.errors, request) };
      return send(reply, 200, { data: execution.data ?? null, ...errors });
    }
  });
}

function parseRequest(schema: typeof PostRequest | typeof GetRequest, value: unknown): GraphqlRequest {
  const result = schema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map((issue) =>
      [issue.path.join('.'), issue.message].filter(Boolean).join(': '),
    );
    throw new ArchiveError('REQUEST_INVALID', { problems: problems.slice(0, 20) });
  }
  // Mercurius takes a JSON text for a parsed document, which would come in past the limits of its parser.
  if (isJson(result.data.query))
    throw new ArchiveError('REQUEST_INVALID', { problems: ['query: is not a GraphQL document'] });
  return result.data;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .status(status)
    .header('Content-Type', 'application/json; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .send(JSON.stringify(body));
}
