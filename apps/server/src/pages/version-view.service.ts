import { ANONYMOUS } from '@envarium/access';
import { LinksService } from '@envarium/articles';
import type { Page } from '@envarium/database';
import { RecordsService, versionReference } from '@envarium/records';
import { REGISTRY_ADDRESS, type RegistryAddress, ResolutionService } from '@envarium/resolution';
import type {
  ArchiveRecord,
  EnvironmentCoverage,
  EnvironmentFacts,
  HardwareFingerprint,
  Hold,
  OutputLink,
  PackageFile,
  PackageHit,
  RecordVersion,
  Resolution,
} from '@envarium/schema';
import { Inject, Injectable } from '@nestjs/common';
import { type Proof, VersionContentsService } from './version-contents.service.js';

const VERSIONS_SHOWN = 100;

export interface VersionView {
  readonly record: ArchiveRecord;
  readonly version: RecordVersion;
  readonly versions: Page<RecordVersion>;
  readonly packageFiles: readonly PackageFile[];
  readonly packages: Page<PackageHit>;
  readonly coverage: EnvironmentCoverage | null;
  readonly facts: EnvironmentFacts | null;
  readonly hardware: HardwareFingerprint | null;
  readonly links: readonly OutputLink[];
  readonly resolution: Resolution;
  readonly holds: readonly Hold[];
  readonly proof: Proof;
  readonly publicUrl: string;
}

/** Everything that the page of a version shows, as nobody in particular sees it: pages show public things only. */
@Injectable()
export class VersionViewService {
  constructor(
    private readonly records: RecordsService,
    private readonly contents: VersionContentsService,
    private readonly links: LinksService,
    private readonly resolutions: ResolutionService,
    @Inject(REGISTRY_ADDRESS) private readonly address: RegistryAddress,
  ) {}

  /** @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN */
  async view(reference: string): Promise<VersionView> {
    const version = await this.records.version(ANONYMOUS, reference);
    const exact = versionReference(version);
    const [record, versions, packageFiles, packages, coverage, facts, hardware, links, resolution, holds, proof] =
      await Promise.all([
        this.records.record(ANONYMOUS, version.recordId),
        this.records.versions(ANONYMOUS, version.recordId, VERSIONS_SHOWN, null),
        this.records.packageFiles(ANONYMOUS, exact),
        this.contents.packages(version),
        this.contents.coverage(version),
        this.contents.environmentFacts(version),
        this.contents.hardware(version),
        this.links.ofVersion(ANONYMOUS, exact),
        this.resolutions.resolve(ANONYMOUS, exact, {}),
        this.records.holds(ANONYMOUS, exact),
        this.contents.proof(version),
      ]);
    const publicUrl = this.address.publicUrl();
    return {
      record,
      version,
      versions,
      packageFiles,
      packages,
      coverage,
      facts,
      hardware,
      links,
      resolution,
      holds,
      proof,
      publicUrl,
    };
  }
}
