import { ArticlesModule } from '@envarium/articles';
import { EnvironmentsModule } from '@envarium/environments';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { ArticlesResolver } from './articles.resolver.js';
import { limitCost } from './limit-cost.js';
import { ImageResolver } from './image.resolver.js';
import { OutputLinksResolver, OutputsResolver } from './outputs.resolver.js';
import { RecordsResolver } from './records.resolver.js';
import { VersionContentsResolver } from './version-contents.resolver.js';
import { VersionsResolver } from './versions.resolver.js';
import { WhoAmIResolver } from './whoami.resolver.js';

/** Comments and blanks are no tokens. */
const TOKEN_LIMIT = 4000;
/** Parsed queries that are remembered, and as many refused ones. */
const REMEMBERED_QUERIES = 256;

@Module({
  imports: [
    ArticlesModule,
    EnvironmentsModule,
    RecordsModule,
    RegistryModule,
    GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      sortSchema: true,
      routes: false,
      cache: REMEMBERED_QUERIES,
      graphql: { parseOptions: { maxTokens: TOKEN_LIMIT } },
      hooks: { preExecution: limitCost },
      // Formatted by the route, which knows the request.
      errorFormatter: (execution) => ({ statusCode: 200, response: execution }),
    }),
  ],
  providers: [
    ArticlesResolver,
    ImageResolver,
    OutputLinksResolver,
    OutputsResolver,
    RecordsResolver,
    VersionContentsResolver,
    VersionsResolver,
    WhoAmIResolver,
  ],
})
export class GraphqlApiModule {}
