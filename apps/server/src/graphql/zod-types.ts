import { ArgsType, Field, Float, type GqlTypeReference, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Type } from '@nestjs/common';
import { z } from 'zod';
import { DateTime, SafeInt } from './scalars.js';

/**
 * GraphQL types out of the zod shapes of libs/schema, so that a shape is written once. A type is named by the `id` of its
 * `.meta()`, or by the field that it stands in. A kind of schema that is not known here throws at start-up.
 */
type Schema = z.core.$ZodType;
type Reference = GqlTypeReference | [GqlTypeReference];

const MAX_INT32 = 2 ** 31 - 1;
const made = new Map<Schema, Type>();
const enums = new Map<Schema, object>();
const names = new Set<string>();

export function objectType(schema: z.ZodObject, fallbackName?: string): Type {
  const existing = made.get(schema);
  if (existing !== undefined) return existing;
  const name = nameOf(schema, fallbackName);
  const shape = namedClass(name);
  made.set(schema, shape);
  for (const [key, field] of Object.entries(schema.shape)) addField(shape, name, key, field);
  ObjectType(name, descriptionOf(schema))(shape);
  return shape;
}

/** Arguments of a field. Defaults and descriptions come along; the values are checked by `ZodArguments`. */
export function argumentsType(name: string, schema: z.ZodObject): Type {
  const shape = namedClass(name);
  for (const [key, field] of Object.entries(schema.shape)) addField(shape, name, key, field);
  ArgsType()(shape);
  return shape;
}

/** A value of GraphQL's is written in capitals; in code it stays what the shape says: `same-files` is SAME_FILES. */
export function enumType(schema: z.ZodEnum, fallbackName?: string): object {
  const existing = enums.get(schema);
  if (existing !== undefined) return existing;
  const values = Object.fromEntries(
    schema.options.map((value) => [String(value).replaceAll('-', '_').toUpperCase(), value] as const),
  );
  enums.set(schema, values);
  registerEnumType(values, { name: nameOf(schema, fallbackName), ...descriptionOf(schema) });
  return values;
}

function addField(shape: Type, parent: string, key: string, schema: Schema): void {
  let inner = schema;
  let nullable = false;
  const defaults: { defaultValue?: unknown } = {};
  while (inner instanceof z.ZodNullable || inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) {
    if (inner instanceof z.ZodDefault) defaults.defaultValue = inner.def.defaultValue;
    else nullable = true;
    inner = inner.unwrap();
  }
  const type = typeOf(inner, `${parent}${key.charAt(0).toUpperCase()}${key.slice(1)}`);
  // What is said inside the wrapper speaks of the field too, unless it is the description of a type with a name.
  const isNamed = inner instanceof z.ZodObject || inner instanceof z.ZodEnum;
  const description = { ...(isNamed ? {} : descriptionOf(inner)), ...descriptionOf(schema) };
  const options = { ...defaults, ...description };
  Field(() => type, nullable ? { nullable, ...options } : options)(shape.prototype, key);
}

function typeOf(schema: Schema, name: string): Reference {
  if (schema instanceof z.ZodArray) {
    const item = typeOf(schema.element, name);
    if (Array.isArray(item)) throw new TypeError(`${name}: lists of lists have no type here`);
    return [item];
  }
  if (schema instanceof z.ZodObject) return objectType(schema, name);
  if (schema instanceof z.ZodEnum) return enumType(schema, name);
  if (schema instanceof z.ZodISODateTime) return DateTime;
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return String;
  if (schema instanceof z.ZodBoolean) return Boolean;
  if (schema instanceof z.ZodNumber) return numberType(schema);
  if (schema instanceof z.ZodLiteral && typeof schema.value === 'number') return Int;
  throw new TypeError(`${name}: no GraphQL type is known for zod's ${schema._zod.def.type}`);
}

function numberType(schema: z.ZodNumber): Reference {
  if (!schema.isInt) return Float;
  return (schema.maxValue ?? Infinity) <= MAX_INT32 && (schema.minValue ?? -Infinity) >= -MAX_INT32 ? Int : SafeInt;
}

function nameOf(schema: Schema, fallbackName: string | undefined): string {
  const name = z.globalRegistry.get(schema)?.id ?? fallbackName;
  if (name === undefined) throw new TypeError('a shape without .meta({ id }) has no GraphQL name');
  // Two shapes under one name would silently become one type.
  if (names.has(name)) throw new TypeError(`${name}: two shapes claim this GraphQL name`);
  names.add(name);
  return name;
}

function descriptionOf(schema: Schema): { description?: string } {
  const description = z.globalRegistry.get(schema)?.description;
  return description === undefined ? {} : { description };
}

function namedClass(name: string): Type {
  const shape = class {};
  Object.defineProperty(shape, 'name', { value: name });
  return shape;
}
