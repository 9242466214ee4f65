import { type DocumentNode, getOperationAST, getVariableValues, type GraphQLSchema, Kind } from 'graphql';
import type { MercuriusContext } from 'mercurius';
import { assertQueryCost, queryCost } from './query-cost.js';

/**
 * Runs on a valid document, before anything is resolved.
 * @throws ArchiveError QUERY_TOO_COMPLEX
 */
export async function limitCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  context: Pick<MercuriusContext, 'operationName'>,
  given: { readonly [name: string]: unknown } | undefined,
): Promise<void> {
  const operation = getOperationAST(document, context.operationName);
  if (!operation) return;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {});
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  assertQueryCost(queryCost(schema, operation, fragments, coerced ?? {}));
}
