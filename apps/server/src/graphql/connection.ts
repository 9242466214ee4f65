import type { EdgePage } from '@envarium/database';
import type { Type } from '@nestjs/common';
import { Field, ObjectType } from '@nestjs/graphql';
import { z } from 'zod';
import { ZodArguments } from './arguments.js';
import { argumentsType } from './zod-types.js';

/** Arguments of every connection: https://relay.dev/graphql/connections.htm, forwards only. */
export const ConnectionArguments = z.object({
  first: z.number().int().min(1).max(1000).default(10).describe('items to return, 1 to 1000'),
  after: z.string().max(1024).optional().describe('go on after the item with this cursor'),
});
export type ConnectionArguments = z.infer<typeof ConnectionArguments>;

export const ConnectionArgumentsType = argumentsType('ConnectionArguments', ConnectionArguments);
export const connectionArguments = new ZodArguments(ConnectionArguments);

@ObjectType()
export class PageInfo {
  @Field(() => String, { nullable: true, description: 'cursor of the last item; null when there is none' })
  endCursor!: string | null;

  @Field(() => Boolean)
  hasNextPage!: boolean;
}

export interface Connection<T> {
  readonly edges: EdgePage<T>['edges'];
  readonly pageInfo: PageInfo;
}

const made = new Map<Type, Type>();

export function connectionType(node: Type): Type {
  const existing = made.get(node);
  if (existing !== undefined) return existing;

  @ObjectType(`${node.name}Edge`)
  class Edge {
    @Field(() => String)
    cursor!: string;

    @Field(() => node)
    node!: unknown;
  }

  @ObjectType(`${node.name}Connection`)
  class ConnectionShape {
    @Field(() => [Edge])
    edges!: Edge[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;
  }

  made.set(node, ConnectionShape);
  return ConnectionShape;
}

/** @param page undefined: nothing is there */
export function toConnection<T>(page: EdgePage<T> | undefined): Connection<T> {
  const edges = page?.edges ?? [];
  return { edges, pageInfo: { endCursor: edges.at(-1)?.cursor ?? null, hasNextPage: page?.hasNextPage ?? false } };
}
