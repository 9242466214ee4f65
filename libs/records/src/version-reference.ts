import { ArchiveError } from '@envarium/errors';
import { isRecordId } from './record-id.js';

/** Names a record, and perhaps one version of it: `lab/eeg@v2`, `env-3k7q-9w2x@v2`, `lab/eeg`. */
export interface VersionReference {
  readonly record: { readonly publicId: string } | { readonly repository: string };
  /** null: the newest version that the reader may see */
  readonly version: number | null;
}

const SHAPE = /^(?<record>[a-z0-9][a-z0-9._/-]{0,254}?)(?:@v(?<version>[1-9]\d{0,8}))?$/;

/** @throws ArchiveError RECORD_UNKNOWN for text that cannot name a record */
export function parseVersionReference(text: string): VersionReference {
  const { record, version } = SHAPE.exec(text)?.groups ?? {};
  if (record === undefined) throw new ArchiveError('RECORD_UNKNOWN', { reference: text.slice(0, 300) });
  return {
    record: isRecordId(record) ? { publicId: record } : { repository: record },
    version: version === undefined ? null : Number(version),
  };
}
