import type { VersionRow } from '@envarium/records';

/** As the command line takes it. */
export function versionName({ record, number }: VersionRow): string {
  return `${record.repository.name}@v${number}`;
}
