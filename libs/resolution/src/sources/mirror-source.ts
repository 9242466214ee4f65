import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import type { VersionRow } from '@envarium/records';
import type { OtherHolder } from '@envarium/schema';
import { imageCommands } from '../pull-commands.js';
import { presentPointer, UpstreamPointers } from '../upstream-pointers.js';
import type { ResolutionSource, SourceAnswer } from './source.js';

const MAX_MIRRORS = 20;

/**
 * The same digest is held elsewhere. What comes by it is that image or nothing, so the grade is that of the image; whether
 * it still comes is as sure as the last time somebody looked.
 */
@Injectable()
export class MirrorSource implements ResolutionSource {
  readonly name = 'mirror';

  constructor(
    private readonly prisma: PrismaService,
    private readonly pointers: UpstreamPointers,
  ) {}

  async detect(version: VersionRow): Promise<SourceAnswer[]> {
    if (version.imageDigest === null) return this.none('no-image', 'no image was deposited with this version');
    const holders = await this.holders(version, version.imageDigest);
    const [best] = holders.filter(isUsable).toSorted((a, b) => (lastSeen(a) > lastSeen(b) ? -1 : 1));
    if (holders.length === 0) return this.none('no-mirror', 'no other registry is known to hold this image');
    if (best === undefined) return this.none('mirror-gone', holders.map(describeGone).join('; '));
    const seen = lastSeen(best) === '' ? null : lastSeen(best);
    return [
      {
        route: {
          kind: 'mirror',
          grade: seen === null ? 'unproven' : 'identical',
          isApproximate: false,
          explanation: explain(best, seen),
          provenAt: seen,
          fixity: null,
          receipts: [],
          holders,
          pull: null,
          commands: imageCommands(best.reference, version.record.repository.name, false),
        },
      },
    ];
  }

  /** Registries that the image was copied from, and those that the decay watch looks at. */
  private async holders(version: VersionRow, digest: string): Promise<OtherHolder[]> {
    const [mirrors, pointers] = await Promise.all([
      this.prisma.mirror.findMany({
        where: { repositoryId: version.record.repository.id, digest },
        orderBy: [{ recordedAt: 'desc' }, { reference: 'asc' }],
        take: MAX_MIRRORS,
        select: { reference: true, recordedAt: true },
      }),
      this.pointers.toImage(version.id, digest, MAX_MIRRORS),
    ]);
    const watched = new Map(pointers.map((pointer) => [pointer.reference, pointer]));
    const copied = mirrors.map(({ reference: name, recordedAt }): OtherHolder => {
      const reference = `${name}@${digest}`;
      return presentPointer(watched.get(reference), { reference, digest, size: null, recordedAt });
    });
    const known = new Set(copied.map(({ reference }) => reference));
    const others = pointers
      .filter(({ reference }) => !known.has(reference))
      .map((pointer) =>
        presentPointer(pointer, { reference: pointer.reference, digest, size: null, recordedAt: null }),
      );
    return [...copied, ...others];
  }

  private none(outcome: string, reason: string): SourceAnswer[] {
    return [{ attempt: { source: this.name, outcome, reason } }];
  }
}

function isUsable({ state }: OtherHolder): boolean {
  return state === 'ok' || state === 'unchecked';
}

/** ISO date; empty: never. */
function lastSeen({ state, recordedAt, checkedAt }: OtherHolder): string {
  const checked = state === 'ok' ? (checkedAt ?? '') : '';
  return checked > (recordedAt ?? '') ? checked : (recordedAt ?? '');
}

function explain({ reference }: OtherHolder, seen: string | null): string {
  const since = seen === null ? 'not looked at yet' : `last seen there on ${seen.slice(0, 10)}`;
  return `${nameOf(reference)} holds an image of the same digest, ${since}; every byte is verified on its way in, then kept`;
}

function describeGone({ reference, state, detail, checkedAt }: OtherHolder): string {
  const since = checkedAt === null ? '' : ` on ${checkedAt.slice(0, 10)}`;
  const what = state === 'changed' ? 'gave other bytes' : 'did not give it any more';
  return `${nameOf(reference)} ${what}${since}${detail === null ? '' : ` (${detail})`}`;
}

function nameOf(reference: string): string {
  return reference.replace(/@.*$/, '');
}
