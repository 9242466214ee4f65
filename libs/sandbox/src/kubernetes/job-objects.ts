import { ArchiveError } from '@envarium/errors';
import type { KubernetesApi } from './kubernetes-api.js';
import { kubernetesObjects, type PodRequest } from './kubernetes-objects.js';
import { JobStatus } from './pod-state.js';
import type { KubernetesSettings } from './settings.js';

const MERGE_PATCH = 'application/merge-patch+json';
/** Taking away must end, too; what is left then goes by its time to live. */
const REMOVAL_MS = 60_000;

/** Makes the objects of a job, in the order that leaves its pod no moment with a network, and takes them away. */
export class JobObjects {
  constructor(
    private readonly api: KubernetesApi,
    private readonly settings: KubernetesSettings,
  ) {}

  /** @throws ArchiveError EXECUTOR_UNAVAILABLE */
  async start(request: PodRequest, signal: AbortSignal): Promise<void> {
    const { job, policy } = kubernetesObjects(request, this.settings);
    const uid = await this.createJob(job, request.name, signal);
    // The policy goes when the Job goes, whoever takes that away.
    const owner = { apiVersion: job.apiVersion, kind: job.kind, name: request.name, uid };
    const owned = { ...policy, metadata: { ...policy.metadata, ownerReferences: [owner] } };
    await this.create(this.policies, owned, signal);
    const patch = { method: 'PATCH', path: `${this.jobs}/${request.name}`, contentType: MERGE_PATCH } as const;
    const released = await this.api.call({ ...patch, body: { spec: { suspend: false } } }, signal);
    if (released === null) throw gone(request.name);
  }

  /**
   * The Job, and by ownership its pod, and then its policy. Never fails for what is gone already, and not because the caller
   * has lost patience.
   */
  async remove(name: string): Promise<void> {
    const signal = AbortSignal.timeout(REMOVAL_MS);
    // In the background: the answer does not wait for the pod.
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', gracePeriodSeconds: 0 };
    await this.api.call({ method: 'DELETE', path: `${this.jobs}/${name}`, body }, signal).catch(() => null);
  }

  async status(name: string, signal: AbortSignal) {
    const found = JobStatus.safeParse(await this.api.call({ method: 'GET', path: `${this.jobs}/${name}` }, signal));
    return found.success ? found.data : null;
  }

  private async createJob(job: object, name: string, signal: AbortSignal): Promise<string> {
    const created = JobStatus.safeParse(await this.create(this.jobs, job, signal));
    const uid = created.data?.metadata.uid ?? (await this.status(name, signal))?.metadata.uid;
    if (uid === undefined) throw gone(name);
    return uid;
  }

  /** Null when it is there already: names are never used twice, so it is ours, from a request whose answer got lost. */
  private async create(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.api.call({ method: 'POST', path, body }, signal);
    } catch (error) {
      if (error instanceof ArchiveError && error.detail['status'] === 409) return null;
      throw error;
    }
  }

  private get jobs(): string {
    return `/apis/batch/v1/namespaces/${this.settings.namespace}/jobs`;
  }

  private get policies(): string {
    return `/apis/networking.k8s.io/v1/namespaces/${this.settings.namespace}/networkpolicies`;
  }
}

function gone(name: string): ArchiveError {
  return new ArchiveError('EXECUTOR_UNAVAILABLE', {
    executor: 'kubernetes',
    reason: `job ${name} is gone, or never came`,
  });
}
