import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ImageEnvironmentsService } from '@envarium/environments';
import { ArchiveError } from '@envarium/errors';
import {
  assessFit,
  CUDA_BUILDS,
  CUDA_PACKAGES,
  type ImageNeeds,
  mergeFingerprints,
  needsOfDemands,
  needsOfPackages,
  needsOfVariables,
  readHardwareReport,
  type StatedMachine,
} from '@envarium/hardware';
import { RecordsService, type VersionRow } from '@envarium/records';
import {
  type FitAnswer,
  type FitQuestion,
  type FitReport,
  HardwareFingerprint,
  type ReportReading,
} from '@envarium/schema';
import { ImagePlatforms, unlessLost } from './image-platforms.js';

/** Whether an archived environment fits a machine: the image, the machine of the archived run, and the asker's. */
@Injectable()
export class FitService {
  constructor(
    private readonly platforms: ImagePlatforms,
    private readonly prisma: PrismaService,
    private readonly records: RecordsService,
    private readonly environments: ImageEnvironmentsService,
  ) {}

  /** @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN, HARDWARE_NOT_UNDERSTOOD */
  async answer(principal: Principal, reference: string, question: FitQuestion): Promise<FitAnswer> {
    const version = await this.records.requireVersion(principal, reference);
    const { machine, reports } = machineOf(question);
    return { machine, reports, fit: await this.fit(version, machine) };
  }

  async fit(version: VersionRow, machine: StatedMachine | HardwareFingerprint): Promise<FitReport> {
    const [platforms, archived, needs] = await Promise.all([
      unlessLost(version.imageDigest, async (digest) => await this.platforms.of(digest)),
      this.archivedMachine(version),
      this.needs(version, nameOf(machine)),
    ]);
    return assessFit(platforms ?? [], archived, machine, needs);
  }

  private async archivedMachine({ hardware }: VersionRow): Promise<HardwareFingerprint | null> {
    if (hardware === null) return null;
    const row = await this.prisma.hardwareFingerprint.findUnique({ where: { digest: hardware.digest } });
    return row === null ? null : HardwareFingerprint.parse(row.document);
  }

  /** What programs are linked with counts before what lies beside them, and that before what their base image says. */
  private async needs({ imageDigest, environmentManifest }: VersionRow, machine: string | null): Promise<ImageNeeds> {
    const image = await unlessLost(imageDigest, async (digest) => await this.platforms.chosen(digest, machine));
    const read = image === null ? null : await this.environments.demands(image.digest);
    const [observed, stated] = await Promise.all(
      [read?.environmentDigest, environmentManifest?.digest].map(async (digest) => await this.cudaPackages(digest)),
    );
    return {
      ...needsOfVariables(image?.variables ?? []),
      ...(read?.demands != null && needsOfDemands(read.demands)),
      ...needsOfPackages(stated ?? []),
      ...needsOfPackages(observed ?? [], 'in the image'),
    };
  }

  private async cudaPackages(
    digest: string | undefined,
  ): Promise<{ ecosystem: string; name: string; version: string }[]> {
    if (digest === undefined) return [];
    const names = [...CUDA_PACKAGES, ...CUDA_BUILDS].map(({ ecosystem, name }) => ({
      ecosystem,
      normalizedName: name,
    }));
    const rows = await this.prisma.environmentPackage.findMany({
      where: { manifest: { digest }, packageVersion: { package: { OR: names } } },
      take: 100,
      select: {
        packageVersion: { select: { version: true, package: { select: { ecosystem: true, normalizedName: true } } } },
      },
    });
    return rows.map(({ packageVersion: { version, package: named } }) => ({
      ecosystem: named.ecosystem,
      name: named.normalizedName,
      version,
    }));
  }
}

function machineOf({ fingerprint, reports = [] }: FitQuestion): {
  machine: HardwareFingerprint;
  reports: ReportReading[];
} {
  if (fingerprint !== undefined) return { machine: fingerprint, reports: [] };
  const read = reports.map(({ path, content }) => ({ path, report: readHardwareReport(Buffer.from(content), path) }));
  const readings = read.map(({ path, report }): ReportReading => {
    if (report.outcome === 'not-understood') return { path, format: null, message: report.message, line: report.line };
    const [problem] = report.fingerprint.problems;
    return { path, format: report.format, message: problem?.message ?? null, line: problem?.line ?? null };
  });
  const understood = read.flatMap(({ report }) => (report.outcome === 'understood' ? [report.fingerprint] : []));
  if (understood.length === 0) throw new ArchiveError('HARDWARE_NOT_UNDERSTOOD', { reports: readings });
  return { machine: mergeFingerprints(understood), reports: readings };
}

function nameOf({ architecture }: StatedMachine | HardwareFingerprint): string | null {
  return typeof architecture === 'string' ? architecture : (architecture?.value ?? null);
}
