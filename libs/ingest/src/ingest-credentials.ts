import type { SealingService } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import type { UpstreamCredentials } from '@envarium/upstream';
import { z } from 'zod';

const Credentials = z.object({ username: z.string(), password: z.string() });

export function sealContext(ingestId: string): string {
  return `ingest:${ingestId}`;
}

/** @throws ArchiveError SEAL_BROKEN */
export function openCredentials(
  sealing: SealingService,
  id: string,
  sealed: Uint8Array | null,
): UpstreamCredentials | null {
  if (sealed === null) return null;
  const opened = Credentials.safeParse(JSON.parse(sealing.open(sealed, sealContext(id))));
  if (!opened.success) throw new ArchiveError('SEAL_BROKEN', { context: sealContext(id) });
  return opened.data;
}
