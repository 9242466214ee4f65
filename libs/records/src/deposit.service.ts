import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { parseRepositoryName } from '@envarium/oci';
import { ManifestsService, RepositoriesService, type RepositoryRef } from '@envarium/registry';
import type { CreateDeposit, RecordDocument } from '@envarium/schema';
import { assertDepositPaths } from './deposit-path.js';
import { DepositArchive } from './deposit-archive.service.js';
import { type Deposited, DraftsService } from './drafts.service.js';

/** Takes a deposit in: bytes first, then what they say, then rows. The result is a draft version. */
@Injectable()
export class DepositService {
  constructor(
    private readonly repositories: RepositoriesService,
    private readonly manifests: ManifestsService,
    private readonly archive: DepositArchive,
    private readonly drafts: DraftsService,
  ) {}

  /**
   * Safe to repeat: the same deposit again changes nothing.
   * @throws ArchiveError UNAUTHORIZED, DENIED, NAMESPACE_UNKNOWN, NAME_INVALID, DEPOSIT_INVALID, VERSION_IMAGE_UNKNOWN
   */
  async deposit(principal: Principal, request: CreateDeposit): Promise<Deposited> {
    const name = parseRepositoryName(request.repository);
    assertDepositPaths(request.files.map((file) => file.path));
    const existing = await this.repositories.findWritable(principal, name);
    const content = await this.archive.take(existing, request);
    const image = request.image === undefined ? undefined : await this.image(existing, request.image);
    // A deposit that is refused has left no repository behind.
    const target = { name, existing, visibility: request.visibility ?? 'public' };
    return await this.drafts.save(principal, target, {
      ...content,
      title: request.title,
      description: request.description,
      image,
    });
  }

  private async image(
    repository: RepositoryRef | null,
    reference: string,
  ): Promise<NonNullable<RecordDocument['image']>> {
    if (repository === null) throw new ArchiveError('VERSION_IMAGE_UNKNOWN', { image: reference });
    try {
      const { digest, mediaType, size } = await this.manifests.find(repository, reference);
      return { digest, mediaType, size };
    } catch (error) {
      if (!(error instanceof ArchiveError) || error.code !== 'MANIFEST_UNKNOWN') throw error;
      throw new ArchiveError(
        'VERSION_IMAGE_UNKNOWN',
        { repository: repository.name, image: reference },
        { cause: error },
      );
    }
  }
}
