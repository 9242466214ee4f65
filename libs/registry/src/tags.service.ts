import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import type { RepositoryRef } from './repositories.service.js';

export interface TagHistoryEntry {
  readonly tag: string;
  /** Null: the tag was deleted. */
  readonly digest: string | null;
  readonly previousDigest: string | null;
  readonly at: Date;
  readonly actor: string;
}

/** Tags as lists; they move only by a push or a publication. */
@Injectable()
export class TagsService {
  constructor(private readonly prisma: PrismaService) {}

  /** Tag names in ASCII order; `after` need not exist. */
  async list(repository: RepositoryRef, limit: number, after: string | null): Promise<string[]> {
    const rows = await this.prisma.tag.findMany({
      where: { repositoryId: repository.id, ...(after !== null && { name: { gt: after } }) },
      orderBy: { name: 'asc' },
      take: limit,
      select: { name: true },
    });
    return rows.map((row) => row.name);
  }

  /** Newest first. */
  async history(repository: RepositoryRef, tag: string, limit: number): Promise<TagHistoryEntry[]> {
    const rows = await this.prisma.tagEvent.findMany({
      where: { repositoryId: repository.id, name: tag },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(({ name, digest, previousDigest, at, actor }) => ({
      tag: name,
      digest,
      previousDigest,
      at,
      actor,
    }));
  }
}
