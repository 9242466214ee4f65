import { z } from 'zod';
import type { RestClient } from './rest-client.js';

const Answer = z.object({
  data: z.record(z.string(), z.any()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.looseObject({ code: z.string() }),
      }),
    )
    .optional(),
});

export type GraphqlAnswer = z.infer<typeof Answer> & { readonly status: number };

export async function askGraphql(
  client: RestClient,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<GraphqlAnswer> {
  const { status, body } = await client.post('/graphql', { query, variables });
  return { status, ...Answer.parse(body) };
}

/** Status and first error code; undefined when there is no error. */
export async function refusalOf(
  client: RestClient,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<[number, string | undefined]> {
  const { status, errors } = await askGraphql(client, query, variables);
  return [status, errors?.[0]?.extensions.code];
}
