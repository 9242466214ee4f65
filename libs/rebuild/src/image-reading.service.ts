import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { listRulesName } from '@envarium/comparison';
import { PrismaService } from '@envarium/database';
import { ArchiveError, type ErrorCode } from '@envarium/errors';
import { JournalService } from '@envarium/journal';
import type { ArchivedVersion } from '@envarium/provenance';
import { z } from 'zod';
import { FileListsService } from './file-lists.service.js';
import { ImageLayoutsService } from './image-layouts.service.js';

/** Name of the task of the resolver that reads images. */
export const READ_IMAGES = 'read-images';

const ACTOR = 'resolver';
/** So long an image is left alone that could not be read for a reason that may go away: a layer on its way, a store. */
const PATIENCE_MS = 15 * 60 * 1000;
/** What no other attempt will change. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'LAYER_INVALID',
  'IMAGE_TOO_LARGE',
  'MANIFEST_INVALID',
  'DIGEST_INVALID',
  'SIZE_INVALID',
]);

const Waiting = z.array(z.object({ image: z.string(), version_id: z.bigint() })).max(1);

/**
 * Reads the images of versions for what they themselves say of their packages, newest version first, so that a record
 * without any package file answers too. Any number of processes may do so at once; the first list of an image stays.
 */
@Injectable()
export class ImageReadingService implements OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly later = new Map<string, number>();

  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    private readonly images: ImageLayoutsService,
    private readonly lists: FileListsService,
  ) {}

  /**
   * Works until no image is left. An image that cannot be read is an event, and is not read again by the same rules.
   * @returns how many were read
   * @throws what nobody foresaw, when the others are done
   */
  async drain(): Promise<number> {
    const unforeseen: unknown[] = [];
    let count = 0;
    for (;;) {
      const next = this.stopping.signal.aborted ? null : await this.next();
      if (next === null) break;
      try {
        await this.read(next.image, next.versionId);
        count += 1;
      } catch (error) {
        if (this.stopping.signal.aborted) break;
        await this.settle(next.image, error, unforeseen);
      }
    }
    if (unforeseen.length > 0) throw unforeseen[0];
    return count;
  }

  stop(): void {
    this.stopping.abort();
  }

  onApplicationShutdown(): void {
    this.stop();
  }

  private async read(image: string, versionId: bigint): Promise<void> {
    await this.lists.ensure(await this.images.image(image), {
      version: await this.version(versionId),
      actor: ACTOR,
      signal: this.stopping.signal,
      onProgress: () => {},
    });
  }

  private async settle(image: string, error: unknown, unforeseen: unknown[]): Promise<void> {
    if (error instanceof ArchiveError && FINAL.has(error.code)) {
      const { reason = null, layer = null } = error.detail;
      const detail = { rules: listRulesName(), code: error.code, reason: asText(reason), layer: asText(layer) };
      await this.journal.transaction(async (_tx, record) => {
        await record({ kind: 'image-not-read', actor: ACTOR, subject: image, detail });
      });
      return;
    }
    this.later.set(image, Date.now() + PATIENCE_MS);
    if (!(error instanceof ArchiveError)) unforeseen.push(error);
  }

  /** An index stands for the images that it names; what is for no platform are attestations. */
  private async next(): Promise<{ image: string; versionId: bigint } | null> {
    const now = Date.now();
    for (const [image, until] of this.later) if (until <= now) this.later.delete(image);
    const [row] = Waiting.parse(
      await this.prisma.$queryRaw`
        SELECT n.image, max(n.version_id) AS version_id FROM (
          SELECT m.digest AS image, v.id AS version_id
          FROM record_version v JOIN image_manifest m ON m.digest = v.image_digest AND m.kind = 'image'
          UNION ALL
          SELECT c.digest, v.id
          FROM record_version v JOIN image_manifest m ON m.digest = v.image_digest AND m.kind = 'index'
          JOIN manifest_reference r ON r.manifest_id = m.id AND r.kind = 'child'
          JOIN image_manifest c ON c.digest = r.digest AND c.kind = 'image'
          WHERE coalesce(r.platform->>'os', '') <> 'unknown'
        ) n
        WHERE n.image <> ALL(${[...this.later.keys()]}::text[])
          AND NOT EXISTS (SELECT 1 FROM file_list f WHERE f.image_digest = n.image AND f.noise_policy = ${listRulesName()})
          AND NOT EXISTS (
            SELECT 1 FROM event e
            WHERE e.subject = n.image AND e.kind = 'image-not-read' AND e.detail->>'rules' = ${listRulesName()})
        GROUP BY n.image ORDER BY 2 DESC LIMIT 1`,
    );
    return row === undefined ? null : { image: row.image, versionId: row.version_id };
  }

  private async version(id: bigint): Promise<ArchivedVersion> {
    return await this.prisma.recordVersion.findUniqueOrThrow({
      where: { id },
      select: {
        id: true,
        number: true,
        recordDigest: true,
        imageDigest: true,
        record: { select: { publicId: true, repository: { select: { id: true, name: true, visibility: true } } } },
      },
    });
  }
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
