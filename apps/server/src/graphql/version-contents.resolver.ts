import type { EdgePage } from '@envarium/database';
import { EnvironmentsService } from '@envarium/environments';
import { CoverageService, EnvironmentFactsService, versionReference } from '@envarium/records';
import { ManifestsService } from '@envarium/registry';
import {
  EnvironmentCoverage,
  EnvironmentFacts,
  HardwareFingerprint,
  ImageDescription,
  PackageHit,
  RecordVersion,
} from '@envarium/schema';
import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Requires } from '../http/permission.js';
import {
  type Connection,
  ConnectionArguments,
  connectionArguments,
  ConnectionArgumentsType,
  toConnection,
} from './connection.js';
import { type OperationContext, Relation } from './operation-context.js';
import {
  CoverageType,
  EnvironmentFactsType,
  HardwareFingerprintType,
  ImageType,
  PackageConnection,
  VersionType,
} from './types.js';

const itself = (digest: string): string => digest;

/** The document of each environment is read. */
const DOCUMENTS_COST = 20;

/** What a version names by digest. Whoever may see the version may see it, so digests alone are asked for. */
@Resolver(() => VersionType)
@Requires('public')
export class VersionContentsResolver {
  private readonly packagesOf: Relation<RecordVersion, ConnectionArguments, EdgePage<PackageHit>>;
  private readonly coverageOf: Relation<RecordVersion, null, EnvironmentCoverage>;
  private readonly factsOf: Relation<RecordVersion, null, EnvironmentFacts>;
  private readonly hardwareOf: Relation<string, null, HardwareFingerprint>;
  private readonly imageOf: Relation<string, null, ImageDescription>;

  constructor(
    environments: EnvironmentsService,
    manifests: ManifestsService,
    coverage: CoverageService,
    facts: EnvironmentFactsService,
  ) {
    this.packagesOf = new Relation<RecordVersion, ConnectionArguments, EdgePage<PackageHit>>(
      versionReference,
      async (_caller, versions, { first, after }) =>
        await environments.packagesOfVersions(
          new Map(versions.map((version) => [versionReference(version), version])),
          first,
          after ?? null,
        ),
    );
    this.coverageOf = new Relation<RecordVersion, null, EnvironmentCoverage>(
      versionReference,
      async (caller, versions) => await coverage.of(caller, versions),
    );
    this.factsOf = new Relation<RecordVersion, null, EnvironmentFacts>(
      versionReference,
      async (_caller, versions) => await facts.of(versions),
    );
    this.hardwareOf = new Relation(itself, async (_caller, digests) => await environments.hardware(digests));
    this.imageOf = new Relation(itself, async (_caller, digests) => await manifests.descriptions(digests));
  }

  @ResolveField(() => PackageConnection, {
    description:
      'packages that the package files fix or that the image itself has; one that stands in several scopes comes once for each',
  })
  async packages(
    @Parent() version: RecordVersion,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<PackageHit>> {
    return toConnection(await this.packagesOf.load(context, version, args));
  }

  @ResolveField(() => CoverageType, {
    nullable: true,
    complexity: DOCUMENTS_COST,
    description: 'what the list of packages rests on: "not found" is never "absent"',
  })
  async coverage(
    @Parent() version: RecordVersion,
    @Context() context: OperationContext,
  ): Promise<EnvironmentCoverage | undefined> {
    return await this.coverageOf.load(context, version, null);
  }

  @ResolveField(() => EnvironmentFactsType, {
    nullable: true,
    complexity: DOCUMENTS_COST,
    description: 'systems, libraries that programs had loaded to compute with, variables that can change numbers',
  })
  async environmentFacts(
    @Parent() version: RecordVersion,
    @Context() context: OperationContext,
  ): Promise<EnvironmentFacts | undefined> {
    return await this.factsOf.load(context, version, null);
  }

  @ResolveField(() => HardwareFingerprintType, { nullable: true, description: 'the whole document behind `hardware`' })
  async hardwareFingerprint(
    @Parent() version: RecordVersion,
    @Context() context: OperationContext,
  ): Promise<HardwareFingerprint | undefined> {
    return version.hardware === null ? undefined : await this.hardwareOf.load(context, version.hardware.digest, null);
  }

  @ResolveField(() => ImageType, { nullable: true, description: 'what the archived image manifest says' })
  async image(
    @Parent() version: RecordVersion,
    @Context() context: OperationContext,
  ): Promise<ImageDescription | undefined> {
    return version.imageDigest === null ? undefined : await this.imageOf.load(context, version.imageDigest, null);
  }
}
