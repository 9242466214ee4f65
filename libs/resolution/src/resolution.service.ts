import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { assessFit } from '@envarium/hardware';
import { RecordsService, type VersionRow } from '@envarium/records';
import { type FitReport, Grade, HardwareFingerprint, type Resolution, type ResolveQuery } from '@envarium/schema';
import { ImagePlatforms } from './image-platforms.js';
import { PullSource } from './pull-source.js';
import type { ResolutionSource, SourceAnswer } from './source.js';

/** "Give me this environment": every route with its grade, best first, and whether it fits the asker's machine. */
@Injectable()
export class ResolutionService {
  /** In the order in which they are tried when grades are equal. */
  private readonly sources: readonly ResolutionSource[];

  constructor(
    private readonly records: RecordsService,
    private readonly platforms: ImagePlatforms,
    private readonly prisma: PrismaService,
    pull: PullSource,
  ) {
    this.sources = [pull];
  }

  /** @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN */
  async resolve(principal: Principal, reference: string, query: ResolveQuery): Promise<Resolution> {
    const version = await this.records.requireVersion(principal, reference);
    const answers: SourceAnswer[] = [];
    for (const source of this.sources) answers.push(await source.detect(version));
    const rank = (grade: Grade): number => Grade.options.indexOf(grade);
    return {
      recordId: version.record.publicId,
      version: version.number,
      imageDigest: version.imageDigest,
      routes: answers
        .flatMap((each) => ('route' in each ? [each.route] : []))
        .sort((a, b) => rank(a.grade) - rank(b.grade)),
      attempts: answers.flatMap((each) => ('attempt' in each ? [each.attempt] : [])),
      fit: await this.fit(version, query),
    };
  }

  private async fit(version: VersionRow, { architecture, isaLevel }: ResolveQuery): Promise<FitReport | null> {
    if (architecture === undefined) return null;
    const platforms = version.imageDigest === null ? [] : await this.platforms.of(version.imageDigest);
    const row =
      version.hardware === null
        ? null
        : await this.prisma.hardwareFingerprint.findUnique({ where: { digest: version.hardware.digest } });
    const archived = row === null ? null : HardwareFingerprint.parse(row.document);
    return assessFit(platforms, archived, { architecture, ...(isaLevel !== undefined && { isaLevel }) });
  }
}
