import { Injectable } from '@nestjs/common';
import { type Principal, versionsReadableBy } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { assessFit } from '@envarium/hardware';
import { RecordsService, type VersionRow, versionSelect } from '@envarium/records';
import {
  type FitReport,
  Grade,
  HardwareFingerprint,
  type Resolution,
  type ResolveQuery,
  type Route,
} from '@envarium/schema';
import { ImagePlatforms, platformName } from './image-platforms.js';
import type { FoundRoute, SourceAnswer } from './sources/source.js';
import { Sources } from './sources/sources.js';

/** "Give me this environment": every route with its grade, best first, and whether it fits the asker's machine. */
@Injectable()
export class ResolutionService {
  constructor(
    private readonly records: RecordsService,
    private readonly platforms: ImagePlatforms,
    private readonly prisma: PrismaService,
    private readonly sources: Sources,
  ) {}

  /** @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN */
  async resolve(principal: Principal, reference: string, query: ResolveQuery): Promise<Resolution> {
    return await this.resolveRow(await this.records.requireVersion(principal, reference), query);
  }

  /** The versions of an image, newest first: by its own digest, or by that of its image for one platform. */
  async versionsOfImage(principal: Principal, imageDigest: string, limit: number): Promise<VersionRow[]> {
    const indexes = await this.prisma.imageManifest.findMany({
      where: { references: { some: { digest: imageDigest, kind: 'child' } } },
      take: 100,
      select: { digest: true },
    });
    return await this.prisma.recordVersion.findMany({
      where: {
        AND: [
          { imageDigest: { in: [imageDigest, ...indexes.map(({ digest }) => digest)] } },
          versionsReadableBy(principal),
        ],
      },
      orderBy: { id: 'desc' },
      take: limit,
      select: versionSelect,
    });
  }

  async resolveRow(version: VersionRow, query: ResolveQuery): Promise<Resolution> {
    const asked = this.sources.list.map(async (source) => await source.detect(version));
    const [answers, platform, fit] = await Promise.all([
      Promise.all(asked).then((each): SourceAnswer[] => each.flat()),
      this.platform(version, query),
      this.fit(version, query),
    ]);
    const routes = answers.flatMap((each) => ('route' in each ? [withPlatform(each.route, platform)] : []));
    const ranked = routes.toSorted((a, b) => rank(a) - rank(b));
    const attempts = answers.flatMap((each) => ('attempt' in each ? [each.attempt] : []));
    return {
      recordId: version.record.publicId,
      version: version.number,
      imageDigest: version.imageDigest,
      grade: ranked[0]?.grade ?? 'unobtainable',
      summary: summaryOf(ranked, attempts),
      routes: ranked,
      attempts,
      fit,
    };
  }

  private async fit(version: VersionRow, { architecture, isaLevel }: ResolveQuery): Promise<FitReport | null> {
    if (architecture === undefined) return null;
    const platforms = (await fromImage(version, async (digest) => await this.platforms.of(digest))) ?? [];
    const row =
      version.hardware === null
        ? null
        : await this.prisma.hardwareFingerprint.findUnique({ where: { digest: version.hardware.digest } });
    const archived = row === null ? null : HardwareFingerprint.parse(row.document);
    return assessFit(platforms, archived, { architecture, ...(isaLevel !== undefined && { isaLevel }) });
  }

  private async platform(version: VersionRow, { architecture }: ResolveQuery): Promise<Route['platform']> {
    if (architecture === undefined) return null;
    const image = await fromImage(version, async (digest) => await this.platforms.fitting(digest, architecture));
    return image === null ? null : { name: platformName(image.platform), digest: image.digest };
  }
}

/** @returns null where there is no image, or its image manifest is lost: that is for the routes to tell */
async function fromImage<T>(
  { imageDigest }: VersionRow,
  read: (digest: string) => Promise<T | null>,
): Promise<T | null> {
  if (imageDigest === null) return null;
  try {
    return await read(imageDigest);
  } catch (error) {
    if (error instanceof ArchiveError && (error.code === 'BLOB_UNKNOWN' || error.code === 'BLOB_CORRUPT')) return null;
    throw error;
  }
}

/** By grade, then in the order of the sources. What is an approximation comes after all that is not. */
function rank({ grade, isApproximate }: Route): number {
  return Grade.options.indexOf(grade) + (isApproximate ? Grade.options.length : 0);
}

/** Only what is taken as an image has a platform to choose. */
function withPlatform(route: FoundRoute, platform: Route['platform']): Route {
  return { ...route, platform: route.kind === 'pull' || route.kind === 'mirror' ? platform : null };
}

function summaryOf(routes: readonly Route[], attempts: Resolution['attempts']): string {
  const [best] = routes;
  if (best !== undefined) return `${best.grade} by ${best.kind}: ${best.explanation}`;
  return `no way to obtain it is left: ${attempts.map(({ source, reason }) => `${source}: ${reason}`).join('; ')}`;
}
