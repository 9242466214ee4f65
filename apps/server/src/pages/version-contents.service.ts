import { ANONYMOUS } from '@envarium/access';
import type { Page } from '@envarium/database';
import { EnvironmentsService } from '@envarium/environments';
import { ArchiveError } from '@envarium/errors';
import { ProvenanceService } from '@envarium/provenance';
import { CoverageService, EnvironmentFactsService, versionReference } from '@envarium/records';
import type {
  ArchivedClosure,
  ArchivedRecipe,
  EnvironmentCoverage,
  EnvironmentFacts,
  HardwareFingerprint,
  PackageHit,
  ReceiptDetail,
  RecordVersion,
} from '@envarium/schema';
import { Injectable } from '@nestjs/common';

/** Rows of the package table; the rest is in the API. */
const PACKAGES_SHOWN = 200;
const RECEIPTS_SHOWN = 10;

export interface Proof {
  readonly recipe: ArchivedRecipe | null;
  readonly closure: ArchivedClosure | null;
  /** Newest first. */
  readonly receipts: readonly ReceiptDetail[];
}

/** What a version consists of, and what is known of its rebuilds, for its page. */
@Injectable()
export class VersionContentsService {
  constructor(
    private readonly environments: EnvironmentsService,
    private readonly provenance: ProvenanceService,
    private readonly coverages: CoverageService,
    private readonly facts: EnvironmentFactsService,
  ) {}

  async packages(version: RecordVersion): Promise<Page<PackageHit>> {
    return await this.environments.packages(version, PACKAGES_SHOWN, null);
  }

  async coverage(version: RecordVersion): Promise<EnvironmentCoverage | null> {
    return (await this.coverages.of(ANONYMOUS, [version])).get(versionReference(version)) ?? null;
  }

  async environmentFacts(version: RecordVersion): Promise<EnvironmentFacts | null> {
    return (await this.facts.of([version])).get(versionReference(version)) ?? null;
  }

  async hardware({ hardware }: RecordVersion): Promise<HardwareFingerprint | null> {
    if (hardware === null) return null;
    return (await this.environments.hardware([hardware.digest])).get(hardware.digest) ?? null;
  }

  async proof(version: RecordVersion): Promise<Proof> {
    const reference = versionReference(version);
    const [recipe, closures, receipts] = await Promise.all([
      this.provenance.recipe(ANONYMOUS, reference).catch(noRecipe),
      this.provenance.closures(ANONYMOUS, reference, 1, null),
      this.provenance.receiptDetails(ANONYMOUS, reference, RECEIPTS_SHOWN),
    ]);
    return { recipe, closure: closures.items[0] ?? null, receipts };
  }
}

function noRecipe(error: unknown): null {
  if (error instanceof ArchiveError && error.code === 'RECIPE_UNKNOWN') return null;
  throw error;
}
