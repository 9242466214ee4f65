import { ArchiveError } from '@envarium/errors';
import { type DocumentNode, getOperationAST, getVariableValues, type GraphQLSchema, Kind } from 'graphql';
import type { MercuriusContext } from 'mercurius';
import { assertQueryCost, queryCost } from './query-cost.js';

/**
 * Runs on a valid document, before anything is resolved.
 * @throws ArchiveError QUERY_TOO_COMPLEX; REQUEST_INVALID for a subscription that was sent as a query
 */
export async function limitCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  context: Pick<MercuriusContext, 'operationName'> & { readonly isSubscription?: boolean },
  given: { readonly [name: string]: unknown } | undefined,
): Promise<void> {
  const operation = getOperationAST(document, context.operationName);
  if (!operation) return;
  if (operation.operation === 'subscription' && context.isSubscription !== true) {
    throw new ArchiveError('REQUEST_INVALID', { problems: ['a subscription needs Accept: text/event-stream'] });
  }
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {});
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  assertQueryCost(queryCost(schema, operation, fragments, coerced ?? {}));
}
