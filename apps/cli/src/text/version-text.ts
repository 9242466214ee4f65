import type { EnvironmentSummary, HardwareSummary, PackageFile, PullCommands, RecordVersion } from '@envarium/schema';
import { formatSize } from './size.js';
import { fields } from './table.js';

export function versionName({ repository, number }: Pick<RecordVersion, 'repository' | 'number'>): string {
  return `${repository}@v${number}`;
}

export function versionLines(version: RecordVersion): string[] {
  const { state, publishedAt, publishedBy, withdrawnAt, withdrawalReason } = version;
  return [
    `${versionName(version)}  ${version.title}`,
    ...fields([
      ['record', version.recordId],
      [
        'state',
        publishedAt === null
          ? `${state}, deposited ${day(version.createdAt)} by ${version.createdBy}`
          : `${state} ${day(publishedAt)} by ${publishedBy ?? 'unknown'}`,
      ],
      ['withdrawn', withdrawnAt === null ? null : `${day(withdrawnAt)}: ${withdrawalReason ?? 'no reason given'}`],
      ['about', version.description],
      ['identity', version.recordDigest],
      ['image', version.imageDigest ?? 'none'],
      ['environment', environmentText(version.environment)],
      ['hardware', hardwareText(version.hardware)],
    ]),
  ];
}

export function environmentText(environment: EnvironmentSummary | null): string {
  if (environment === null) return 'not known from package files';
  const parts = environment.ecosystems.map(({ ecosystem, packageCount }) => `${packageCount} ${ecosystem}`);
  return `${count(environment.packageCount, 'package')}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

export function hardwareText(hardware: HardwareSummary | null): string {
  if (hardware === null) return 'not known: no report was deposited';
  const { cpuModel, architecture, isaLevel, gpuModels, gpuDriver } = hardware;
  const gpus =
    gpuModels.length === 0 ? [] : [`${gpuModels.join(', ')}${gpuDriver === null ? '' : ` (driver ${gpuDriver})`}`];
  return [cpuModel, isaLevel ?? architecture, ...gpus].filter((part) => part !== null).join(', ') || 'not known';
}

/** One line for each deposited file: what it was understood as. */
export function packageFileLines(files: readonly PackageFile[]): string[] {
  return files.map(({ path, size, format, packageCount }) => {
    const meaning =
      format === null
        ? 'kept, not understood'
        : `${format}${packageCount > 0 ? `, ${count(packageCount, 'package')}` : ''}`;
    return `  ${path}  ${formatSize(size)}  ${meaning}`;
  });
}

export function pullLines({ docker, podman, apptainer, skopeo, envarium }: PullCommands): string[] {
  return [docker, podman, apptainer, skopeo, envarium];
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export function day(timestamp: string): string {
  return timestamp.slice(0, 10);
}
