import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/**
 * GraphQL's Int has 32 bits, and a layer of 3 GB does not fit. Every integer that its zod shape does not bound to 32 bits
 * is a SafeInt: a JSON number, exact up to 2^53 - 1, which is what `z.int()` promises.
 */
export const SafeInt = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  description: 'Integer between -(2^53 - 1) and 2^53 - 1, as a JSON number: sizes in bytes exceed the 32 bits of Int.',
  serialize: requireSafeInteger,
  parseValue: requireSafeInteger,
  parseLiteral: (node) => requireSafeInteger(node.kind === Kind.INT ? Number(node.value) : undefined),
});

export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: 'Moment in UTC, as in 2026-01-31T12:00:00.000Z.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: requireString,
  parseValue: requireString,
  parseLiteral: (node) => requireString(node.kind === Kind.STRING ? node.value : undefined),
});

function requireSafeInteger(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GraphQLError('SafeInt cannot represent this value');
}

function requireString(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GraphQLError('DateTime cannot represent this value');
}
