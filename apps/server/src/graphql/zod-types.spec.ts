import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory, Query, Resolver } from '@nestjs/graphql';
import { printType } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { argumentsType, objectType } from './zod-types.js';

const Colour = z.enum(['red', 'dark-blue']).meta({ id: 'TestColour' });
const Wheel = z.object({ size: z.number().int().describe('bytes') }).meta({ id: 'TestWheel', description: 'round' });
const Cart = z
  .object({
    name: z.string().describe('as painted'),
    colour: Colour.nullable(),
    wheels: z.array(Wheel),
    spare: Wheel.nullable().describe('in the boot'),
    tags: z.array(z.string()).optional(),
    madeAt: z.iso.datetime(),
    url: z.url().nullable(),
    weight: z.number(),
    doors: z.number().int().min(0).max(5),
    isSold: z.boolean(),
    schemaVersion: z.literal(1),
    owner: z.object({ initials: z.string().nullable().describe('two letters') }),
  })
  .meta({ id: 'TestCart' });
const CartType = objectType(Cart);

@Resolver()
class CartResolver {
  @Query(() => CartType, { nullable: true })
  cart(): null {
    return null;
  }
}

describe('server/graphql/zod-types', () => {
  let sdl: (name: string) => string;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [GraphQLSchemaBuilderModule] }).compile();
    const schema = await module.get(GraphQLSchemaFactory).create([CartResolver]);
    sdl = (name) => printType(schema.getType(name)!);
  });

  it('makes an object type, with what may be null, lists and descriptions', () => {
    expect(sdl('TestCart').split('\n')).toEqual([
      'type TestCart {',
      '  """as painted"""',
      '  name: String!',
      '  colour: TestColour',
      '  wheels: [TestWheel!]!',
      '',
      '  """in the boot"""',
      '  spare: TestWheel',
      '  tags: [String!]',
      '  madeAt: DateTime!',
      '  url: String',
      '  weight: Float!',
      '  doors: Int!',
      '  isSold: Boolean!',
      '  schemaVersion: Int!',
      '  owner: TestCartOwner!',
      '}',
    ]);
  });

  it('takes integers that are not bounded to 32 bits for SafeInt', () => {
    expect(sdl('TestWheel')).toBe('"""round"""\ntype TestWheel {\n  """bytes"""\n  size: SafeInt!\n}');
  });

  it('names an object without a name after its field', () => {
    expect(sdl('TestCartOwner')).toBe('type TestCartOwner {\n  """two letters"""\n  initials: String\n}');
  });

  it('writes values of an enumeration as GraphQL does', () => {
    expect(sdl('TestColour')).toBe('enum TestColour {\n  RED\n  DARK_BLUE\n}');
  });

  it('makes each type once', () => {
    expect(objectType(Cart)).toBe(CartType);
  });

  it.each([
    [
      'a kind it does not know',
      z.object({ x: z.union([z.string(), z.number()]) }),
      /TestUnknownX: no GraphQL type is known for zod's union/,
    ],
    ['a list of lists', z.object({ x: z.array(z.array(z.string())) }), /lists of lists/],
    ['an array of what may be null', z.object({ x: z.array(z.string().nullable()) }), /nullable/],
  ])('throws at start-up for %s', (_, schema, message) => {
    expect(() => argumentsType('TestUnknown', schema)).toThrow(message);
  });

  it('refuses two shapes of one name', () => {
    expect(() => objectType(z.object({ x: z.string() }), 'TestCart')).toThrow(
      'TestCart: two shapes claim this GraphQL name',
    );
  });
});
