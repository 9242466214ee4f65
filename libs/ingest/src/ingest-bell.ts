import type { Outbound } from '@envarium/outbound';
import type { JobsClient } from '@envarium/queue';
import type { UpstreamReference } from '@envarium/upstream';

/** Name of the task of the resolver that works on ingests. */
export const RUN_INGESTS = 'run-ingests';

/** The other end of a request: what may be asked for, and who is woken. */
export class IngestBell {
  constructor(
    private readonly outbound: Outbound,
    private readonly jobs: JobsClient | null,
  ) {}

  /** A first look, so that the answer is immediate; the guard looks again at every connection. @throws OUTBOUND_REFUSED */
  assertReachable({ apiHost }: UpstreamReference): void {
    const plain = new URL(`http://${apiHost}/`);
    if (!this.outbound.isAllowed(plain)) this.outbound.assertUrl(new URL(`https://${apiHost}/`));
  }

  /** Where nobody can be woken the sweep of each minute finds the request. */
  async ring(): Promise<void> {
    await this.jobs?.wake(RUN_INGESTS);
  }

  async close(): Promise<void> {
    await this.jobs?.close();
    await this.outbound.close();
  }
}
