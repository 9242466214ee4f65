import { doiSegment } from '@envarium/articles';
import { versionReference, type VersionKey } from '@envarium/records';

/** Addresses of our own pages and of the API behind them. Every name in them is somebody else's text. */
export function recordPath(recordId: string): string {
  return `/records/${encodeURIComponent(recordId)}`;
}

export function versionPath({ recordId, number }: VersionKey): string {
  return `${recordPath(recordId)}/v/${number}`;
}

export function articlePath(doi: string): string {
  return `/articles/${doiSegment(doi)}`;
}

/** @param query members that are undefined or null are left out */
export function whatRanPath(query: Readonly<Record<string, string | null | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return `/what-ran?${new URLSearchParams(given).toString()}`;
}

export function diffPath(from: VersionKey, to: VersionKey): string {
  return `/diff?${new URLSearchParams({ from: versionReference(from), to: versionReference(to) }).toString()}`;
}

/** @param rest as in `files/requirements.txt`, encoded already */
export function versionApiPath(version: VersionKey, rest = ''): string {
  const path = `/api/v1/versions/${encodeURIComponent(versionReference(version))}`;
  return rest === '' ? path : `${path}/${rest}`;
}

export function packageFileApiPath(version: VersionKey, path: string): string {
  return versionApiPath(version, `files/${encodeURIComponent(path)}`);
}
