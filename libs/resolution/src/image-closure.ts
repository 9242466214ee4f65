import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@envarium/database';

export interface ClosureBlob {
  readonly digest: string;
  readonly size: bigint;
  readonly state: 'ok' | 'suspect' | 'missing' | 'quarantined' | 'absent';
  readonly lastVerifiedAt: Date | null;
}

interface ClosureRow {
  readonly digest: string;
  readonly size: bigint;
  readonly state: ClosureBlob['state'] | null;
  readonly last_verified_at: Date | null;
}

/** Every byte that a pull of an image, or a rebuild, needs. */
@Injectable()
export class ImageClosure {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Image manifest, child manifests, configs and layers, each once; subjects are not needed for a pull. Empty: the image
   * manifest is not here.
   */
  async blobs(imageDigest: string): Promise<ClosureBlob[]> {
    return await this.reach(Prisma.sql`
      SELECT m.digest, b.size FROM image_manifest m JOIN blob b ON b.id = m.blob_id WHERE m.digest = ${imageDigest}`);
  }

  /** As `blobs`, of several images, artifacts or blobs at once; one that is not here at all is `absent`. */
  async blobsOfAll(digests: readonly string[]): Promise<ClosureBlob[]> {
    return await this.reach(Prisma.sql`
      SELECT d.digest, coalesce(b.size, 0) FROM unnest(${[...digests]}::text[]) AS d (digest)
      LEFT JOIN blob b ON b.digest = d.digest`);
  }

  /** @param start digest and size of what is begun with */
  private async reach(start: Prisma.Sql): Promise<ClosureBlob[]> {
    const rows = await this.prisma.$queryRaw<ClosureRow[]>`
      WITH RECURSIVE closure(digest, size) AS (
        ${start}
        UNION
        SELECT r.digest, r.size
        FROM closure c
        JOIN image_manifest m ON m.digest = c.digest
        JOIN manifest_reference r ON r.manifest_id = m.id AND r.kind <> 'subject'
      )
      SELECT c.digest, max(c.size) AS size, min(b.state::text) AS state, min(b.last_verified_at) AS last_verified_at
      FROM closure c LEFT JOIN blob b ON b.digest = c.digest
      GROUP BY c.digest ORDER BY c.digest`;
    return rows.map((row) => ({
      digest: row.digest,
      size: row.size,
      state: row.state ?? 'absent',
      lastVerifiedAt: row.last_verified_at,
    }));
  }
}
