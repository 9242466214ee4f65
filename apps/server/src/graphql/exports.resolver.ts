import type { Principal } from '@envarium/access';
import { ExportsService, presentExport, versionReference } from '@envarium/records';
import { EnvironmentExport, ExportFormat, ExportQuery, RecordVersion } from '@envarium/schema';
import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { Requires } from '../http/permission.js';
import { ZodArguments } from './arguments.js';
import { ExportType, VersionType } from './types.js';
import { argumentsType } from './zod-types.js';

const ExportArguments = ExportQuery.extend({ format: ExportFormat });
type ExportArguments = z.infer<typeof ExportArguments>;
const ExportArgumentsType = argumentsType('ExportArguments', ExportArguments);
const exportArguments = new ZodArguments(ExportArguments);

/** Reads a whole environment and writes another document of it: a handful in one query. */
const EXPORT_COST = 2000;

/** The environment of a version in the formats of others. */
@Resolver(() => VersionType)
@Requires('public')
export class ExportsResolver {
  constructor(private readonly exports: ExportsService) {}

  @ResolveField(() => ExportType, {
    name: 'export',
    nullable: true,
    complexity: EXPORT_COST,
    description:
      'a bill of materials (CycloneDX 1.6, SPDX 2.3), or a lock file that can be installed from; null with the error ' +
      'EXPORT_REFUSED where it would not be exact',
  })
  async export(
    @Parent() version: RecordVersion,
    @Args({ type: () => ExportArgumentsType }, exportArguments) { format, ...query }: ExportArguments,
    @Context('caller') caller: Principal,
  ): Promise<EnvironmentExport> {
    const reference = versionReference(version);
    return presentExport(await this.exports.export(caller, reference, format, query), { reference, format, query });
  }
}
