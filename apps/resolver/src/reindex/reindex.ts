import { ArticlesReplayService } from '@envarium/articles';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalEntry } from '@envarium/journal';
import { ProvenanceReplayService } from '@envarium/provenance';
import { RecordsReplayService } from '@envarium/records';
import { RegistryReplayService } from '@envarium/registry';
import { STORE, type Store } from '@envarium/storage';
import type { INestApplicationContext } from '@nestjs/common';

const BATCH = 1000;

/**
 * Rebuilds the archival rows from the object store: first every journal entry becomes an event again, then the events
 * are replayed in the order in which they happened. Operational rows (accounts, tokens, memberships, uploads) live in
 * the database alone and are not brought back.
 * @param onProgress number of entries replayed so far
 * @throws ArchiveError CONFIG_INVALID when the database is not empty: reindex never mixes two truths
 */
export async function reindex(
  context: INestApplicationContext,
  onProgress: (done: number) => void = () => {},
): Promise<{ entries: number }> {
  const prisma = context.get(PrismaService, { strict: false });
  await requireEmpty(prisma);
  await restoreEvents(prisma, context.get<Store>(STORE, { strict: false }));
  const replays = [
    context.get(RegistryReplayService, { strict: false }),
    context.get(RecordsReplayService, { strict: false }),
    context.get(ArticlesReplayService, { strict: false }),
    context.get(ProvenanceReplayService, { strict: false }),
  ];
  let after = -1n;
  let entries = 0;
  for (;;) {
    const rows = await prisma.event.findMany({ where: { seq: { gt: after } }, orderBy: { seq: 'asc' }, take: BATCH });
    for (const row of rows) {
      const entry = JournalEntry.parse({ ...row, seq: Number(row.seq), at: row.at.toISOString() });
      // One transaction an entry, as it was when it happened: constraints and triggers judge the same states again.
      await prisma.$transaction(
        async (tx) => {
          for (const replay of replays) if (await replay.replay(tx, entry)) break;
        },
        { timeout: 120_000 },
      );
      after = row.seq;
      entries += 1;
    }
    onProgress(entries);
    if (rows.length < BATCH) return { entries };
  }
}

async function requireEmpty(prisma: PrismaService): Promise<void> {
  const [events, repositories] = [await prisma.event.count(), await prisma.repository.count()];
  if (events + repositories === 0) return;
  throw new ArchiveError('CONFIG_INVALID', {
    problems: [
      `the database holds ${events} events and ${repositories} repositories; reindex fills an empty, migrated one`,
    ],
  });
}

async function restoreEvents(prisma: PrismaService, store: Store): Promise<void> {
  const storedAt = new Date();
  let batch: JournalEntry[] = [];
  const write = async (): Promise<void> => {
    await prisma.event.createMany({
      data: batch.map(({ detail, ...entry }) => ({
        ...entry,
        seq: BigInt(entry.seq),
        storedAt,
        detail: JSON.parse(JSON.stringify(detail)),
      })),
    });
    batch = [];
  };
  for await (const { id, body } of store.journal.entries()) {
    batch.push(readEntry(id, body));
    if (batch.length === BATCH) await write();
  }
  await write();
  // New events must come after the old ones.
  await prisma.$executeRaw`SELECT setval(pg_get_serial_sequence('event', 'seq'), coalesce((SELECT max(seq) FROM event), 1))`;
}

function readEntry(id: string, body: Buffer): JournalEntry {
  try {
    return JournalEntry.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    throw new ArchiveError('BLOB_CORRUPT', { journalEntry: id }, { cause });
  }
}
