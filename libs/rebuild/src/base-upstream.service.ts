import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { ImageCopyService, ProgressCount, UpstreamOpener } from '@envarium/ingest';
import type { Platform } from '@envarium/oci';
import type { RepositoryRef } from '@envarium/registry';
import { parseUpstreamReference } from '@envarium/upstream';

export interface BaseRequest {
  readonly principal: Principal;
  /** The repository that a base from elsewhere is copied into. */
  readonly repository: RepositoryRef;
  readonly platform: Platform;
  readonly signal: AbortSignal;
}

/** Bases of other registries. */
@Injectable()
export class BaseUpstream {
  constructor(
    private readonly opener: UpstreamOpener,
    private readonly copies: ImageCopyService,
  ) {}

  /** @throws ArchiveError BASE_UNOBTAINABLE */
  async copy(reference: string, request: BaseRequest): Promise<{ digest: string; repository: string }> {
    const { principal, repository, signal } = request;
    try {
      const named = parseUpstreamReference(`docker://${reference}`);
      const upstream = this.opener.open(named, null);
      const asked = named.digest ?? named.tag;
      if (asked === null) throw new ArchiveError('NAME_INVALID', { name: reference, reason: 'no-reference' });
      const { digest } = await upstream.resolve(asked, signal);
      await this.copies.copy({
        upstream,
        digest,
        repository,
        tag: null,
        principal,
        progress: new ProgressCount(),
        signal,
      });
      return { digest, repository: repository.name };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ArchiveError)) throw error;
      const detail = { reference, reason: error.code, why: error.message, ...error.detail };
      throw new ArchiveError('BASE_UNOBTAINABLE', detail, { cause: error });
    }
  }
}
