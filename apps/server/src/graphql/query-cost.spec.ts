import { buildSchema, getOperationAST, Kind, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { assertQueryCost, queryCost } from './query-cost.js';

const schema = buildSchema(`
  type Query { things(first: Int! = 10): ThingConnection!  thing: Thing  name: String }
  type ThingConnection { edges: [ThingEdge!]!  pageInfo: PageInfo! }
  type ThingEdge { cursor: String!  node: Thing! }
  type PageInfo { hasNextPage: Boolean! }
  type Thing { id: String!  parts: [Part!]!  things(first: Int! = 10): ThingConnection!  heavy: Part }
  type Part { name: String! }
`);
const heavy = schema.getQueryType()?.getFields()['thing']?.type;
if (heavy !== undefined && 'getFields' in heavy)
  Object.assign(heavy.getFields()['heavy']!, { extensions: { complexity: 100 } });

function measure(source: string, variables: Record<string, unknown> = {}): { depth: number; cost: number } {
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  return queryCost(schema, getOperationAST(document)!, fragments, variables);
}

describe('server/graphql/query-cost', () => {
  it.each([
    ['{ name }', { depth: 1, cost: 1 }],
    ['{ a: name b: name c: name }', { depth: 1, cost: 3 }],
    ['{ thing { id } }', { depth: 2, cost: 2 }],
    ['{ thing { parts { name } } }', { depth: 3, cost: 12 }],
    ['{ thing { heavy { name } } }', { depth: 3, cost: 102 }],
    ['{ things { edges { node { id } } } }', { depth: 4, cost: 31 }],
    ['{ things(first: 3) { edges { cursor } pageInfo { hasNextPage } } }', { depth: 3, cost: 13 }],
    ['{ things(first: 3) { edges { node { things(first: 5) { edges { node { id } } } } } } }', { depth: 7, cost: 55 }],
    ['{ thing { ... on Thing { id } ...F } } fragment F on Thing { parts { name } }', { depth: 3, cost: 13 }],
    ['{ thing @include(if: false) { id } }', { depth: 2, cost: 2 }],
  ])('measures %s', (source, expected) => {
    expect(measure(source)).toEqual(expected);
  });

  it('takes page sizes from variables', () => {
    const source = 'query($n: Int!) { things(first: $n) { edges { cursor } } }';

    expect(measure(source, { n: 1000 }).cost).toBe(2001);
  });

  it('does not let a page size below one make a query cheap', () => {
    expect(measure('{ things(first: -100) { edges { cursor } } name }').cost).toBe(4);
  });

  it('measures fragments that double one another in no time', () => {
    const doubling = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} a: name ...F${i + 1} }`,
    );

    const { cost } = measure(`{ ...F0 } ${doubling.join(' ')} fragment F60 on Query { name }`);

    expect(cost).toBe(2 ** 61 - 1);
  });

  it('gives introspection a price without counting its depth', () => {
    expect(measure('{ __schema { types { fields { name } } } __typename }')).toEqual({ depth: 1, cost: 32 });
  });

  it('refuses what is too deep or too costly, with both numbers', () => {
    expect(() => assertQueryCost({ depth: 15, cost: 20_000 })).not.toThrow();
    expect(() => assertQueryCost({ depth: 16, cost: 1 })).toThrowError(
      expect.objectContaining({ code: 'QUERY_TOO_COMPLEX', detail: { depth: 16, maximum: 15 } }),
    );
    expect(() => assertQueryCost({ depth: 1, cost: 20_001 })).toThrowError(
      expect.objectContaining({ code: 'QUERY_TOO_COMPLEX', detail: { cost: 20_001, maximum: 20_000 } }),
    );
  });
});
