import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';

/**
 * Hands the schema that Nest makes to the mercurius of `graphql-route.ts`. The usual driver registers mercurius while Nest
 * starts, and waits for it: Fastify then adds the routes of all controllers before Nest has set its error handler, and
 * their bodies are refused in Fastify's words.
 */
export class SchemaDriver extends MercuriusDriver {
  override async start({ schema }: MercuriusDriverConfig): Promise<void> {
    if (schema === undefined) throw new TypeError('Nest made no GraphQL schema');
    this.instance.graphql.replaceSchema(schema);
  }
}
