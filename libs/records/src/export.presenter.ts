import { digestOf } from '@envarium/oci';
import type { EnvironmentExport, ExportFormat, ExportQuery } from '@envarium/schema';
import type { ExportedFile } from './exports.service.js';

/** What stands in an answer beside others; a whole document may be many times as long. */
const MOST_INLINE = 1024 * 1024;

/** @param reference of the version, as in env-3k7q-9w2x@v1 */
export function presentExport(
  { bytes, mediaType, fileName }: ExportedFile,
  { reference, format, query }: { reference: string; format: ExportFormat; query: ExportQuery },
): EnvironmentExport {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const asked = new URLSearchParams(given).toString();
  return {
    format,
    mediaType,
    fileName,
    digest: digestOf(bytes),
    size: bytes.length,
    path: `/api/v1/versions/${encodeURIComponent(reference)}/export/${format}${asked === '' ? '' : `?${asked}`}`,
    content: bytes.length > MOST_INLINE ? null : bytes.toString('utf8'),
  };
}
