import type { Principal } from '@envarium/access';
import type { Outbound } from '@envarium/outbound';
import type { RepositoriesService } from '@envarium/registry';
import {
  OutboundUpstream,
  type UpstreamCredentials,
  type UpstreamReference,
  type UpstreamRegistry,
} from '@envarium/upstream';

/** What a running ingest asks of the world: the other registry, and whether the account may still write to ours. */
export class UpstreamOpener {
  constructor(
    private readonly outbound: Outbound,
    private readonly repositories: RepositoriesService,
  ) {}

  open({ apiHost, repository }: UpstreamReference, credentials: UpstreamCredentials | null): UpstreamRegistry {
    return new OutboundUpstream(this.outbound, { host: apiHost, repository, credentials });
  }

  async mayWrite(principal: Principal, repository: string): Promise<boolean> {
    return await this.repositories.mayWrite(principal, repository);
  }
}
