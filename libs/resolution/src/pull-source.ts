import { Inject, Injectable } from '@nestjs/common';
import type { VersionRow } from '@envarium/records';
import type { FixityEvidence } from '@envarium/schema';
import { type ClosureBlob, ImageClosure } from './image-closure.js';
import { pullCommands } from './pull-commands.js';
import { REGISTRY_ADDRESS, type RegistryAddress } from './registry-address.js';
import type { ResolutionSource, SourceAnswer } from './source.js';

/** The bytes are here: pulled by digest, proven by the last fixity check. */
@Injectable()
export class PullSource implements ResolutionSource {
  readonly name = 'pull';

  constructor(
    private readonly closure: ImageClosure,
    @Inject(REGISTRY_ADDRESS) private readonly registry: RegistryAddress,
  ) {}

  async detect(version: VersionRow): Promise<SourceAnswer> {
    if (version.imageDigest === null) return this.none('no-image', 'no image was deposited with this version');
    const blobs = await this.closure.blobs(version.imageDigest);
    if (blobs.length === 0) return this.none('unknown-image', 'the image manifest is not in this archive');
    const fixity = fixityOf(blobs);
    if (fixity.damaged.length > 0) {
      return this.none(
        'damaged',
        `${fixity.damaged.length} of ${fixity.blobCount} blobs are damaged or missing: ${fixity.damaged[0]}`,
      );
    }
    return {
      route: {
        kind: 'pull',
        grade: 'identical',
        explanation: explain(fixity),
        provenAt: fixity.checkedAt,
        fixity,
        pull: pullCommands(this.registry, version.record.repository.name, version.imageDigest),
      },
    };
  }

  private none(outcome: string, reason: string): SourceAnswer {
    return { attempt: { source: this.name, outcome, reason } };
  }
}

/** The whole is as old as its oldest check: one blob that was never read back leaves the date open. */
function fixityOf(blobs: readonly ClosureBlob[]): FixityEvidence {
  const checks = blobs.map((blob) => blob.lastVerifiedAt?.getTime() ?? null);
  const oldest = checks.includes(null) ? null : Math.min(...checks.filter((check) => check !== null));
  return {
    checkedAt: oldest === null ? null : new Date(oldest).toISOString(),
    blobCount: blobs.length,
    size: Number(blobs.reduce((sum, blob) => sum + blob.size, 0n)),
    damaged: blobs.filter((blob) => blob.state !== 'ok').map((blob) => blob.digest),
  };
}

function explain(fixity: FixityEvidence): string {
  const what = `the archived image itself, ${fixity.blobCount} blobs, named by its digest`;
  if (fixity.checkedAt === null) {
    return `${what}; verified when it arrived, not all of it read back from the store yet`;
  }
  return `${what}; every byte was last read back and verified on ${fixity.checkedAt.slice(0, 10)}`;
}
