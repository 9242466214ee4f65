import type { ArchiveError } from '@envarium/errors';

const ADVICE: Readonly<Record<string, string>> = {
  truncated:
    'The file ends too early: copy or download it again, or write it anew with `docker save` or `skopeo copy`.',
  'compression-damaged': 'The file was changed or damaged on its way: copy or download it again.',
  'file-missing':
    'Is this the right kind of archive? Try oci-archive:FILE, docker-archive:FILE, oci:DIRECTORY or dir:DIRECTORY.',
  'several-images': 'Say which one is meant: append its name, as in oci-archive:FILE:NAME.',
  'image-not-found': 'Append one of the names that are listed, as in oci-archive:FILE:NAME.',
  'no-image': 'The archive is well formed, but lists no image.',
  'docker-before-1.10':
    'Docker before 1.10 wrote images without digests. Load it with a newer docker or podman, and save it again.',
  'archive-compressed': 'Decompress it first: its layers are compressed already.',
};

/** What to do about an image archive that could not be read, by the reason that `@envarium/oci` gives. */
export function archiveAdvice(error: ArchiveError): string | null {
  if (error.code !== 'ARCHIVE_INVALID') return null;
  const { reason, decompressWith } = error.detail;
  if (typeof reason !== 'string') return null;
  const advice = ADVICE[reason] ?? null;
  return advice !== null && typeof decompressWith === 'string' ? `${advice} ${decompressWith} FILE` : advice;
}
