import { ArchiveError } from '@envarium/errors';
import {
  type FragmentDefinitionNode,
  getArgumentValues,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { z } from 'zod';

export const MAX_DEPTH = 15;
export const MAX_COST = 20_000;

/** What a list without `first` is taken to hold. */
const LIST_SIZE = 10;
/** A field of the introspection that has fields itself. Its depth is limited by graphql's own rule. */
const INTROSPECTION_COST = 10;

export interface QueryCost {
  /** Levels of fields. */
  readonly depth: number;
  /** Fields that may have to be resolved: a list counts its fields `first` times, an alias counts as a field. */
  readonly cost: number;
}

interface Operation {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: { readonly [name: string]: unknown };
  /** A fragment is measured once: fragments that spread one another twice grow as 2^n otherwise. */
  readonly measured: Map<string, QueryCost>;
}

/** @throws ArchiveError QUERY_TOO_COMPLEX */
export function assertQueryCost({ depth, cost }: QueryCost): void {
  if (depth > MAX_DEPTH) throw new ArchiveError('QUERY_TOO_COMPLEX', { depth, maximum: MAX_DEPTH });
  if (cost > MAX_COST) throw new ArchiveError('QUERY_TOO_COMPLEX', { cost, maximum: MAX_COST });
}

/**
 * Measures a valid operation before it is executed. `@skip` and `@include` are not looked at: what could be asked counts.
 * @param variables coerced
 */
export function queryCost(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: { readonly [name: string]: unknown },
): QueryCost {
  const root = schema.getRootType(operation.operation);
  if (!root) return { depth: 0, cost: 0 };
  return ofSelections({ schema, fragments, variables, measured: new Map() }, operation.selectionSet, root);
}

function ofSelections(operation: Operation, { selections }: SelectionSetNode, parent: GraphQLObjectType): QueryCost {
  let depth = 0;
  let cost = 0;
  for (const selection of selections) {
    const part =
      selection.kind === Kind.FIELD
        ? ofField(operation, selection, parent)
        : selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(operation, selection.name.value)
          : ofSelections(
              operation,
              selection.selectionSet,
              typeNamed(operation, selection.typeCondition?.name.value) ?? parent,
            );
    depth = Math.max(depth, part.depth);
    cost += part.cost;
  }
  return { depth, cost };
}

function ofFragment(operation: Operation, name: string): QueryCost {
  const known = operation.measured.get(name);
  if (known !== undefined) return known;
  const fragment = operation.fragments.get(name);
  const type = typeNamed(operation, fragment?.typeCondition.name.value);
  const cost =
    fragment === undefined || type === undefined
      ? { depth: 0, cost: 0 }
      : ofSelections(operation, fragment.selectionSet, type);
  operation.measured.set(name, cost);
  return cost;
}

type FieldNode = Extract<SelectionSetNode['selections'][number], { kind: Kind.FIELD }>;

function ofField(operation: Operation, node: FieldNode, parent: GraphQLObjectType): QueryCost {
  if (node.name.value.startsWith('__')) return { depth: 1, cost: introspectionCost(node, operation) };
  const field = parent.getFields()[node.name.value];
  if (field === undefined) return { depth: 1, cost: 1 };
  const own = Weight.catch(1).parse(field.extensions['complexity']);
  const type = getNamedType(field.type);
  if (node.selectionSet === undefined || !isObjectType(type)) return { depth: 1, cost: own };
  const children = ofSelections(operation, node.selectionSet, type);
  return { depth: 1 + children.depth, cost: own + listSize(operation, node, field, parent) * children.cost };
}

/** `@ResolveField(..., { complexity })`: how many fields it is worth. */
const Weight = z.number().positive();
const First = z.object({ first: z.number().min(1) });

function listSize(
  operation: Operation,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLObjectType,
): number {
  if (field.args.some((argument) => argument.name === 'first')) {
    return First.catch({ first: 1 }).parse(getArgumentValues(field, node, operation.variables)).first;
  }
  // The edges of a connection are as many as its `first`, which is counted already.
  if (parent.name.endsWith('Connection')) return 1;
  return isListType(getNullableType(field.type)) ? LIST_SIZE : 1;
}

function introspectionCost(node: FieldNode, operation: Operation): number {
  if (node.selectionSet === undefined) return 1;
  return INTROSPECTION_COST + introspectionSelections(node.selectionSet, operation);
}

function introspectionSelections({ selections }: SelectionSetNode, operation: Operation): number {
  let cost = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) cost += introspectionCost(selection, operation);
    else if (selection.kind === Kind.INLINE_FRAGMENT)
      cost += introspectionSelections(selection.selectionSet, operation);
    else cost += introspectionFragment(selection.name.value, operation);
  }
  return cost;
}

function introspectionFragment(name: string, operation: Operation): number {
  const key = `introspection ${name}`;
  const known = operation.measured.get(key);
  if (known !== undefined) return known.cost;
  const fragment = operation.fragments.get(name);
  const cost = fragment === undefined ? 0 : introspectionSelections(fragment.selectionSet, operation);
  operation.measured.set(key, { depth: 0, cost });
  return cost;
}

function typeNamed(operation: Operation, name: string | undefined): GraphQLObjectType | undefined {
  const type = name === undefined ? undefined : operation.schema.getType(name);
  return isObjectType(type) ? type : undefined;
}
