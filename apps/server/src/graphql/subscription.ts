import { ArchiveError } from '@envarium/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type DocumentNode,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { sendBody, writeHead } from '../http/raw-body.js';
import { EVENT_STREAM_HEADERS, valueStream } from '../jobs/event-stream.js';
import type { Followers } from '../jobs/followers.js';
import { formatErrors } from './graphql-errors.js';
import { limitCost } from './limit-cost.js';
import type { OperationContext } from './operation-context.js';

interface Subscription {
  readonly document: DocumentNode;
  readonly variables: { readonly [name: string]: unknown };
}

interface Subscribed extends Subscription {
  readonly schema: GraphQLSchema;
  readonly context: OperationContext;
  readonly followers: Followers;
}

/** Then the client subscribes anew, and shows its token anew: it may have been revoked. */
const MAX_SUBSCRIPTION_MS = 60 * 60 * 1000;

/**
 * A document whose operation is a subscription; null for any other, and for what does not parse: queries are parsed, and
 * refused, elsewhere.
 */
export function parseSubscription(
  asked: {
    readonly query: string;
    readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
    readonly operationName?: string | null | undefined;
  },
  maxTokens: number,
): Subscription | null {
  try {
    const document = parse(asked.query, { maxTokens });
    if (getOperationAST(document, asked.operationName)?.operation !== 'subscription') return null;
    return { document, variables: asked.variables ?? {} };
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

/**
 * Answers a subscription in the "distinct connections" mode of GraphQL over server-sent events: `next` for each value,
 * `complete` at the end. https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export async function sendSubscription(
  request: FastifyRequest,
  reply: FastifyReply,
  { followers, ...subscribed }: Subscribed,
): Promise<void> {
  const leave = followers.enter(subscribed.context.caller);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  try {
    const signal = AbortSignal.any([gone.signal, followers.stopped, AbortSignal.timeout(MAX_SUBSCRIPTION_MS)]);
    const values = formatted(await start(subscribed, signal), request);
    reply.headers(EVENT_STREAM_HEADERS);
    await sendBody(writeHead(reply, 200), encoded(valueStream(values, { each: 'next', last: 'complete' })));
  } catch (error) {
    if (!reply.sent) throw error;
    // The answer has begun: that its connection breaks is all that can still be said.
    if (!(error instanceof ArchiveError)) request.log.error({ err: error }, 'a subscription broke');
  } finally {
    gone.abort();
    leave();
  }
}

/** @throws what a document is refused with, in the form that `formatErrors` knows; ArchiveError as `limitCost` */
async function start(
  { schema, document, variables, context }: Omit<Subscribed, 'followers'>,
  signal: AbortSignal,
): Promise<AsyncIterable<ExecutionResult>> {
  const problems = validate(schema, document);
  if (problems.length > 0) throw Object.assign(new Error('the document is not valid'), { errors: problems });
  const { operationName } = context;
  await limitCost(schema, document, { operationName, isSubscription: true }, variables);
  const result = await subscribe({
    schema,
    document,
    variableValues: variables,
    contextValue: { ...context, signal },
    ...(operationName !== undefined && { operationName }),
  });
  return Symbol.asyncIterator in result ? result : once(result);
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function* formatted(results: AsyncIterable<ExecutionResult>, request: FastifyRequest): AsyncGenerator<object> {
  for await (const { data = null, errors } of results) {
    yield { data, ...(errors !== undefined && { errors: formatErrors(errors, request) }) };
  }
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}
