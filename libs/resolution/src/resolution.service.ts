import { Injectable } from '@nestjs/common';
import { type Principal, versionsReadableBy } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { RecordsService, type VersionRow, versionSelect } from '@envarium/records';
import { type FitReport, Grade, type Resolution, type ResolveQuery, type Route } from '@envarium/schema';
import { FitService } from './fit.service.js';
import { ImagePlatforms, platformName, unlessLost } from './image-platforms.js';
import type { FoundRoute, SourceAnswer } from './sources/source.js';
import { Sources } from './sources/sources.js';

/** "Give me this environment": every route with its grade, best first, and whether it fits the asker's machine. */
@Injectable()
export class ResolutionService {
  constructor(
    private readonly records: RecordsService,
    private readonly fits: FitService,
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

  private async fit(version: VersionRow, query: ResolveQuery): Promise<FitReport | null> {
    const { architecture, isaLevel, kernel, gpu, gpuDriver } = query;
    if (architecture === undefined) return null;
    return await this.fits.fit(version, {
      architecture,
      ...(isaLevel !== undefined && { isaLevel }),
      ...(kernel !== undefined && { kernel }),
      ...(gpu !== undefined && { gpu }),
      ...(gpuDriver !== undefined && { gpuDriver }),
    });
  }

  private async platform(version: VersionRow, { architecture }: ResolveQuery): Promise<Route['platform']> {
    if (architecture === undefined) return null;
    const image = await unlessLost(
      version.imageDigest,
      async (digest) => await this.platforms.fitting(digest, architecture),
    );
    return image === null ? null : { name: platformName(image.platform), digest: image.digest };
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
