import type { RecordEvent, Transaction } from '@envarium/journal';
import type { RepositoryRef } from './repositories.service.js';

/** Where else an image manifest, with everything it names, was found. */
export interface MirrorFact {
  readonly repository: RepositoryRef;
  readonly digest: string;
  /** As in registry.example.org/lab/eeg: without tag or digest. */
  readonly reference: string;
  readonly actor: string;
}

/** Remembers a mirror. What is known already is not written again. */
export async function recordMirror(tx: Transaction, record: RecordEvent, mirror: MirrorFact): Promise<void> {
  const { repository, digest, reference, actor } = mirror;
  // One writer at a time, so that there is one event; the lock is held until the transaction ends.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`mirror:${repository.name}:${digest}`}, 0))`;
  const key = { repositoryId: repository.id, digest, reference };
  if ((await tx.mirror.count({ where: key })) > 0) return;
  const event = await record({
    kind: 'mirror-recorded',
    actor,
    subject: `${repository.name}@${digest}`,
    detail: { repository: repository.name, digest, reference },
  });
  await writeMirror(tx, mirror, event.at);
}

/** The row; used by the fact itself and by reindex. */
export async function writeMirror(tx: Transaction, mirror: MirrorFact, at: Date): Promise<void> {
  const { repository, digest, reference, actor } = mirror;
  await tx.mirror.create({
    data: { repositoryId: repository.id, digest, reference, recordedAt: at, recordedBy: actor },
  });
}
