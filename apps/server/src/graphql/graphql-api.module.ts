import { ArticlesModule } from '@envarium/articles';
import { EnvironmentsModule } from '@envarium/environments';
import { ProvenanceModule } from '@envarium/provenance';
import { QuestionsModule } from '@envarium/questions';
import { RecordsModule } from '@envarium/records';
import { RegistryModule } from '@envarium/registry';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { ArticlesResolver } from './articles.resolver.js';
import { ExportsResolver } from './exports.resolver.js';
import { ImageResolver } from './image.resolver.js';
import { JobsResolver, VersionJobsResolver } from './jobs.resolver.js';
import { OutputLinksResolver, OutputsResolver } from './outputs.resolver.js';
import { PointersResolver } from './pointers.resolver.js';
import { ProvenanceResolver } from './provenance.resolver.js';
import { QuestionsResolver } from './questions.resolver.js';
import { RecordsResolver } from './records.resolver.js';
import { ResolveResolver } from './resolve.resolver.js';
import { SchemaDriver } from './schema-driver.js';
import { VersionContentsResolver } from './version-contents.resolver.js';
import { VersionsResolver } from './versions.resolver.js';
import { WhoAmIResolver } from './whoami.resolver.js';

@Module({
  imports: [
    ArticlesModule,
    EnvironmentsModule,
    ProvenanceModule,
    QuestionsModule,
    RecordsModule,
    RegistryModule,
    GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: SchemaDriver, autoSchemaFile: true, sortSchema: true }),
  ],
  providers: [
    ArticlesResolver,
    ExportsResolver,
    ImageResolver,
    JobsResolver,
    OutputLinksResolver,
    OutputsResolver,
    PointersResolver,
    ProvenanceResolver,
    QuestionsResolver,
    RecordsResolver,
    ResolveResolver,
    VersionContentsResolver,
    VersionJobsResolver,
    VersionsResolver,
    WhoAmIResolver,
  ],
})
export class GraphqlApiModule {}
