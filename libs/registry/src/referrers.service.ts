import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { type Digest, referrersTag } from '@envarium/oci';
import { z } from 'zod';

/** A descriptor of a referrer, as the specification wants it listed. */
export interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the answer may hold at most; the rest is paged by Link. */
const PAGE = 1000;
const Annotations = z.record(z.string(), z.string());

/** Artifacts whose `subject` is a given manifest: signatures, records, links, receipts. */
@Injectable()
export class ReferrersService {
  constructor(private readonly prisma: PrismaService) {}

  /** @param after id of the last referrer of the page before */
  async list(
    repositoryId: bigint,
    subject: Digest,
    filter: { artifactType: string | null; after: bigint | null },
  ): Promise<{ descriptors: ReferrerDescriptor[]; next: bigint | null }> {
    const imported = await this.listedByTag(repositoryId, subject);
    const rows = await this.prisma.imageManifest.findMany({
      where: {
        ...(imported.length === 0
          ? { subjectDigest: subject }
          : { OR: [{ subjectDigest: subject }, { digest: { in: imported } }] }),
        repositories: { some: { repositoryId } },
        ...(filter.artifactType !== null && { artifactType: filter.artifactType }),
        ...(filter.after !== null && { id: { gt: filter.after } }),
      },
      orderBy: { id: 'asc' },
      take: PAGE + 1,
      include: { blob: { select: { size: true } } },
    });
    const page = rows.slice(0, PAGE);
    const descriptors = page.map((row) => {
      const annotations = Annotations.catch({}).parse(row.annotations);
      return {
        mediaType: row.mediaType,
        digest: row.digest,
        size: Number(row.blob.size),
        ...(row.artifactType !== null && { artifactType: row.artifactType }),
        ...(Object.keys(annotations).length > 0 && { annotations }),
      };
    });
    return { descriptors, next: rows.length > PAGE ? (page.at(-1)?.id ?? null) : null };
  }

  /** What came with the tag that clients of registries without this API keep their list of referrers under. */
  private async listedByTag(repositoryId: bigint, subject: Digest): Promise<string[]> {
    const rows = await this.prisma.manifestReference.findMany({
      where: {
        kind: 'child',
        manifest: { kind: 'index', tags: { some: { repositoryId, name: referrersTag(subject) } } },
      },
      select: { digest: true },
    });
    return rows.map(({ digest }) => digest);
  }
}
