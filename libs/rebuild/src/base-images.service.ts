import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { formatPlatform, parseRepositoryName } from '@envarium/oci';
import { ManifestsService, RepositoriesService } from '@envarium/registry';
import { REGISTRY_ADDRESS, type RegistryAddress, registryHost } from '@envarium/resolution';
import type { RecipeBase } from '@envarium/schema';
import { type BaseRequest, BaseUpstream } from './base-upstream.service.js';
import { ImageLayoutsService } from './image-layouts.service.js';

interface LocalName {
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
}

const LOCAL_REFERENCE =
  /^(?<repository>[a-z0-9][a-z0-9._/-]*?)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** The images that recipes start from: in this archive already, or copied into it before anything is built. */
@Injectable()
export class BaseImagesService {
  constructor(
    private readonly repositories: RepositoriesService,
    private readonly manifests: ManifestsService,
    private readonly layouts: ImageLayoutsService,
    private readonly upstream: BaseUpstream,
    @Inject(REGISTRY_ADDRESS) private readonly address: RegistryAddress,
  ) {}

  /**
   * @param reference as it stands after FROM
   * @throws ArchiveError BASE_UNOBTAINABLE with the reason; UPSTREAM_UNAVAILABLE and the like are its cause
   */
  async obtain(reference: string, request: BaseRequest): Promise<RecipeBase> {
    const local = await this.local(reference, request.principal);
    const found = local ?? (await this.upstream.copy(reference, request));
    try {
      const image = await this.layouts.imageFor(found.digest, request.platform);
      const { digest, size, mediaType } = image;
      return { reference, digest, size, mediaType, repository: found.repository };
    } catch (error) {
      if (!(error instanceof ArchiveError) || error.code !== 'PLATFORM_UNKNOWN') throw error;
      const platform = formatPlatform(request.platform);
      throw new ArchiveError('BASE_UNOBTAINABLE', { reference, reason: 'platform', platform }, { cause: error });
    }
  }

  /** Null when the name is not one of this archive. */
  private async local(reference: string, principal: Principal): Promise<{ digest: string; repository: string } | null> {
    const name = localName(reference, registryHost(this.address));
    if (name === null) return null;
    const repository = await this.repositories.requireReadable(principal, name.repository).catch(() => null);
    const isOurs = reference.startsWith(`${registryHost(this.address)}/`);
    if (repository === null) {
      if (isOurs) throw new ArchiveError('BASE_UNOBTAINABLE', { reference, reason: 'unknown-repository' });
      return null;
    }
    try {
      const { digest } = await this.manifests.find(repository, name.reference);
      return { digest, repository: name.repository };
    } catch (error) {
      if (!(error instanceof ArchiveError) || error.code !== 'MANIFEST_UNKNOWN') throw error;
      throw new ArchiveError('BASE_UNOBTAINABLE', { reference, reason: 'unknown-image' }, { cause: error });
    }
  }
}

/** With our host, or without any: then it is ours if there is such a repository here. */
function localName(reference: string, host: string): LocalName | null {
  const rest = reference.startsWith(`${host}/`) ? reference.slice(host.length + 1) : reference;
  const { repository, tag, digest } = LOCAL_REFERENCE.exec(rest)?.groups ?? {};
  if (repository === undefined || !repository.includes('/')) return null;
  const [first = ''] = repository.split('/');
  if (rest === reference && (first.includes('.') || first === 'localhost')) return null;
  return { repository: parseRepositoryName(repository), reference: digest ?? tag ?? 'latest' };
}
