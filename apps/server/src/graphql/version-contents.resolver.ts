import type { EdgePage } from '@envarium/database';
import { EnvironmentsService } from '@envarium/environments';
import { ManifestsService } from '@envarium/registry';
import { HardwareFingerprint, ImageDescription, PackageHit, RecordVersion } from '@envarium/schema';
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
import { HardwareFingerprintType, ImageType, PackageConnection, VersionType } from './types.js';

const itself = (digest: string): string => digest;

/** What a version names by digest. Whoever may see the version may see it, so digests alone are asked for. */
@Resolver(() => VersionType)
@Requires('public')
export class VersionContentsResolver {
  private readonly packagesOf: Relation<string, ConnectionArguments, EdgePage<PackageHit>>;
  private readonly hardwareOf: Relation<string, null, HardwareFingerprint>;
  private readonly imageOf: Relation<string, null, ImageDescription>;

  constructor(environments: EnvironmentsService, manifests: ManifestsService) {
    this.packagesOf = new Relation(
      itself,
      async (_caller, digests, { first, after }) => await environments.packagesOf(digests, first, after ?? null),
    );
    this.hardwareOf = new Relation(itself, async (_caller, digests) => await environments.hardware(digests));
    this.imageOf = new Relation(itself, async (_caller, digests) => await manifests.descriptions(digests));
  }

  @ResolveField(() => PackageConnection, {
    description: 'packages that the environment fixes; one that stands in several scopes comes once for each',
  })
  async packages(
    @Parent() version: RecordVersion,
    @Args({ type: () => ConnectionArgumentsType }, connectionArguments) args: ConnectionArguments,
    @Context() context: OperationContext,
  ): Promise<Connection<PackageHit>> {
    if (version.environment === null) return toConnection<PackageHit>(undefined);
    return toConnection(await this.packagesOf.load(context, version.environment.digest, args));
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
