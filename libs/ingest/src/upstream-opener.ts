import type { Outbound } from '@envarium/outbound';
import {
  OutboundUpstream,
  type UpstreamCredentials,
  type UpstreamReference,
  type UpstreamRegistry,
} from '@envarium/upstream';

/** The way to other registries. */
export class UpstreamOpener {
  constructor(private readonly outbound: Outbound) {}

  /** A first look, so that the answer is immediate; the guard looks again at every connection. @throws OUTBOUND_REFUSED */
  assertReachable({ apiHost }: UpstreamReference): void {
    const plain = new URL(`http://${apiHost}/`);
    if (!this.outbound.isAllowed(plain)) this.outbound.assertUrl(new URL(`https://${apiHost}/`));
  }

  open({ apiHost, repository }: UpstreamReference, credentials: UpstreamCredentials | null): UpstreamRegistry {
    return new OutboundUpstream(this.outbound, { host: apiHost, repository, credentials });
  }

  async close(): Promise<void> {
    await this.outbound.close();
  }
}
