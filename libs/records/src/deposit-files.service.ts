import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import { parseDigest } from '@envarium/oci';
import { ContentService, type RepositoryRef } from '@envarium/registry';
import type { DepositFile } from '@envarium/schema';

export interface HeldFile {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  /** null: too large to be read for what it says; kept byte for byte all the same. */
  readonly bytes: Buffer | null;
}

/** Package files are texts; what is larger is kept, not parsed. */
const READ_LIMIT = 16 * 1024 * 1024;
/** All files of a deposit that are read at once. */
const TOTAL_LIMIT = 256 * 1024 * 1024;

/** Gets the files of a deposit into the store, or finds them there. */
@Injectable()
export class DepositFilesService {
  constructor(private readonly content: ContentService) {}

  /** @throws ArchiveError DEPOSIT_INVALID (a digest that the repository does not have), DEPOSIT_TOO_LARGE */
  async hold(repository: RepositoryRef | null, files: readonly DepositFile[]): Promise<HeldFile[]> {
    const held: HeldFile[] = [];
    let total = 0;
    for (const file of files) {
      const each =
        file.digest === undefined ? await this.store(file) : await this.find(repository, file.path, file.digest);
      total += each.bytes?.length ?? 0;
      if (total > TOTAL_LIMIT) throw new ArchiveError('DEPOSIT_TOO_LARGE', { limit: TOTAL_LIMIT });
      held.push(each);
    }
    return held;
  }

  private async store(file: DepositFile): Promise<HeldFile> {
    const bytes = file.text === undefined ? Buffer.from(file.base64 ?? '', 'base64') : Buffer.from(file.text, 'utf8');
    const { digest, size } = await this.content.write(bytes);
    return { path: file.path, digest, size, bytes };
  }

  private async find(repository: RepositoryRef | null, path: string, digest: string): Promise<HeldFile> {
    const size = repository === null ? null : await this.content.visibleSize(repository.id, digest);
    if (size === null) {
      throw new ArchiveError('DEPOSIT_INVALID', { path, digest, reason: 'blob-not-in-repository' });
    }
    const isReadable = size <= READ_LIMIT;
    const bytes = isReadable ? await this.content.read(parseDigest(digest), READ_LIMIT) : null;
    return { path, digest, size: Number(size), bytes };
  }
}
