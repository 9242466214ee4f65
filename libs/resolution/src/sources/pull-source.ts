import { Inject, Injectable } from '@nestjs/common';
import type { VersionRow } from '@envarium/records';
import type { FixityEvidence } from '@envarium/schema';
import { fixityOf } from '../fixity-of.js';
import { ImageClosure } from '../image-closure.js';
import { imageCommands, pullCommands } from '../pull-commands.js';
import { REGISTRY_ADDRESS, type RegistryAddress } from '../registry-address.js';
import type { ResolutionSource, SourceAnswer } from './source.js';

/** The bytes are here: pulled by digest, proven by the last fixity check. */
@Injectable()
export class PullSource implements ResolutionSource {
  readonly name = 'pull';

  constructor(
    private readonly closure: ImageClosure,
    @Inject(REGISTRY_ADDRESS) private readonly registry: RegistryAddress,
  ) {}

  async detect({ imageDigest, record }: VersionRow): Promise<SourceAnswer[]> {
    if (imageDigest === null) return this.none('no-image', 'no image was deposited with this version');
    const blobs = await this.closure.blobs(imageDigest);
    if (blobs.length === 0) return this.none('unknown-image', 'the image manifest is not in this archive');
    const fixity = fixityOf(blobs);
    if (fixity.damaged.length > 0) {
      return this.none(
        'damaged',
        `${fixity.damaged.length} of ${fixity.blobCount} blobs are damaged or missing: ${fixity.damaged[0]}`,
      );
    }
    const pull = pullCommands(this.registry, record.repository.name, imageDigest);
    return [
      {
        route: {
          kind: 'pull',
          grade: 'identical',
          isApproximate: false,
          explanation: explain(fixity),
          provenAt: fixity.checkedAt,
          fixity,
          receipts: [],
          holders: [],
          pull,
          commands: [
            ...imageCommands(pull.reference, record.repository.name, this.registry.publicUrl().startsWith('http:')),
            { client: 'envarium', text: pull.envarium },
          ],
        },
      },
    ];
  }

  private none(outcome: string, reason: string): SourceAnswer[] {
    return [{ attempt: { source: this.name, outcome, reason } }];
  }
}

function explain(fixity: FixityEvidence): string {
  const what = `the archived image itself, ${fixity.blobCount} blobs, named by its digest`;
  if (fixity.checkedAt === null) {
    return `${what}; verified when it arrived, not all of it read back from the store yet`;
  }
  return `${what}; every byte was last read back and verified on ${fixity.checkedAt.slice(0, 10)}`;
}
