import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JobsService } from '@envarium/jobs';
import { findRecipe } from '@envarium/recipes';
import { versionSelect, type VersionRow } from '@envarium/records';
import { RequesterService } from '@envarium/registry';
import { DepositFilesService } from './deposit-files.service.js';

/** Whoever publishes waits no longer than this for the recording to begin; what is older was passed over for a reason. */
const WINDOW_MS = 24 * 60 * 60 * 1000;
const BATCH = 50;

/** Asks for the rehearsal of what was published lately and has a recipe, in the name of whoever published it. */
@Injectable()
export class RehearsalRequestsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly files: DepositFilesService,
    private readonly requesters: RequesterService,
    private readonly jobs: JobsService,
  ) {}

  /** @returns how many were asked for */
  async request(): Promise<number> {
    const versions = await this.prisma.recordVersion.findMany({
      where: {
        state: 'published',
        publishedAt: { gte: new Date(Date.now() - WINDOW_MS) },
        packageFiles: { some: {} },
        closures: { none: {} },
        jobs: { none: { kind: 'rehearse' } },
      },
      orderBy: { publishedAt: 'asc' },
      take: BATCH,
      select: versionSelect,
    });
    let count = 0;
    for (const version of versions) if (await this.requestOne(version)) count += 1;
    return count;
  }

  private async requestOne(version: VersionRow): Promise<boolean> {
    const repository = version.record.repository.name;
    try {
      findRecipe(await this.files.read(version), {});
      const principal = await this.requesters.principal(version.publishedBy ?? version.createdBy, repository);
      await this.jobs.request(principal, `${repository}@v${version.number}`, { kind: 'rehearse', priority: 0 });
      return true;
    } catch (error) {
      // Without a recipe, or without the right any more: nobody asked, so nobody is told.
      if (error instanceof ArchiveError) return false;
      throw error;
    }
  }
}
