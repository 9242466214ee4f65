import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import type {
  BuildJob,
  BuildOutcome,
  EventSink,
  Executor,
  ExecutorProbe,
  Internet,
  Limits,
  RunJob,
  RunOutcome,
  Usage,
} from '../executor.js';
import { unlessCancelled } from '../cancelled.js';
import { JobVolume } from './job-volume.js';
import { KubernetesApi } from './kubernetes-api.js';
import type { PodJob, PodOutcome } from './pod-job.js';
import { type PodRequest } from './kubernetes-objects.js';
import { type PodEnd, PodWatch } from './pod-watch.js';
import { JobObjects } from './job-objects.js';
import type { KubernetesSettings } from './settings.js';

const GIB = 1024 ** 3;
const PROBE_LIMITS: Limits = {
  wallSeconds: 120,
  memoryBytes: GIB,
  processes: 256,
  diskBytes: GIB,
  cpus: 1,
  logBytes: 1024 * 1024,
};
/** Of one image that comes back, over what it may have written: layers are copies of what is on the disk. */
const IMAGE_FACTOR = 2;
const NAME = /^envarium-[0-9a-f]{20}$/;
/** Longer than any job may take. */
const LEFT_AFTER_MS = 7 * 24 * 3_600_000;
const AccessReview = z.object({ status: z.object({ allowed: z.boolean() }) });
const NEEDED = [
  { group: 'batch', resource: 'jobs', verbs: ['create', 'get', 'patch', 'delete'] },
  { group: 'networking.k8s.io', resource: 'networkpolicies', verbs: ['create', 'delete'] },
  { group: '', resource: 'pods', verbs: ['list', 'watch'] },
  { group: '', resource: 'pods', subresource: 'log', verbs: ['get'] },
] as const;

/** Each job in a pod of its own, that has no network from the first moment, and sees of the shared volume its own part. */
export class KubernetesExecutor implements Executor {
  readonly id = 'kubernetes';
  private readonly objects: JobObjects;
  private readonly watch: PodWatch;
  private usable: ExecutorProbe | null = null;

  constructor(
    private readonly api: KubernetesApi,
    private readonly settings: KubernetesSettings,
    pauseMs = 1000,
  ) {
    this.objects = new JobObjects(api, settings);
    this.watch = new PodWatch(api, settings, pauseMs);
  }

  /** A cluster that can do it is tried out once; one that cannot may be able to later. */
  async probe(): Promise<ExecutorProbe> {
    if (this.usable !== null) return this.usable;
    const probe = await this.tryOut();
    if (probe.isUsable) this.usable = probe;
    return probe;
  }

  refuses(internet: Internet): string | null {
    return internet.kind === 'stand-in' && internet.answers === null
      ? 'a pod reaches no recorder: closures are recorded where a builder runs beside the resolver'
      : null;
  }

  async build(job: BuildJob, sink: EventSink, signal: AbortSignal): Promise<BuildOutcome> {
    return { image: null, ...(await unlessCancelled(signal, async () => await this.buildInPod(job, sink, signal))) };
  }

  async run(job: RunJob, sink: EventSink, signal: AbortSignal): Promise<RunOutcome> {
    return await unlessCancelled(signal, async () => await this.runInPod(job, sink, signal));
  }

  /** The image of the settings is what builds, and it is named by digest: there is nothing to gather here. */
  async programFiles(): Promise<readonly never[]> {
    return [];
  }

  private async buildInPod(job: BuildJob, sink: EventSink, signal: AbortSignal): Promise<BuildOutcome> {
    const { internet, limits } = job;
    const refusal = this.refuses(internet);
    if (refusal !== null) throw unavailable(refusal);
    const answers = internet.kind === 'stand-in' ? internet.answers : null;
    let image: BuildOutcome['image'] = null;
    const { end, outcome } = await this.inPod(limits, job.platform, answers !== null, sink, signal, {
      stage: async (volume) => {
        await answers?.write(volume.closure);
        return await volume.stageBuild(job);
      },
      take: async (volume, done) => {
        answers?.told(await volume.account());
        if (done.kind !== 'build' || done.digest === null) return;
        image = await volume.takeImage(done.digest, path.join(job.directory, 'image'), limits.diskBytes * IMAGE_FACTOR);
      },
    });
    if (outcome?.kind === 'build') return { ...outcome.outcome, image };
    return { ...endedOutside(end, outcome), image: null };
  }

  private async runInPod(job: RunJob, sink: EventSink, signal: AbortSignal): Promise<RunOutcome> {
    const { end, outcome } = await this.inPod(job.limits, this.settings.platform, false, sink, signal, {
      stage: async (volume) => await volume.stageRun(job),
      take: async (volume) => await volume.takeMounts(job),
    });
    return outcome?.kind === 'run' ? outcome.outcome : endedOutside(end, outcome);
  }

  private async tryOut(): Promise<ExecutorProbe> {
    const signal = AbortSignal.timeout((PROBE_LIMITS.wallSeconds + this.settings.startSeconds) * 1000);
    try {
      await this.removeLeftovers();
      const missing = await this.missingRights(signal);
      if (missing.length > 0) return unusable(`the service account may not: ${missing.join(', ')}`);
      const { outcome } = await this.inPod(PROBE_LIMITS, this.settings.platform, false, DEAF, signal, {
        stage: async () => ({ kind: 'probe' }),
        take: async () => {},
      });
      if (outcome?.kind === 'failed') return unusable(outcome.reason);
      if (outcome?.kind !== 'probe') return unusable('the pod ended without saying what it can do');
      const isolation = this.settings.runtimeClass?.isVm === true ? 'vm' : 'user-namespaces';
      return { ...outcome.probe, limits: new Set(outcome.probe.limits), isolation };
    } catch (error) {
      if (error instanceof ArchiveError) return unusable(reasonOf(error));
      if (signal.aborted) return unusable('a pod that tries it does not come to an end');
      throw error;
    }
  }

  private async inPod(
    limits: Limits,
    platform: string,
    hasStandIn: boolean,
    sink: EventSink,
    signal: AbortSignal,
    work: {
      readonly stage: (volume: JobVolume) => Promise<PodJob>;
      readonly take: (volume: JobVolume, outcome: PodOutcome) => Promise<void>;
    },
  ): Promise<{ end: PodEnd; outcome: PodOutcome | null }> {
    const request: PodRequest = {
      name: `envarium-${randomBytes(10).toString('hex')}`,
      limits,
      platform,
      hasStandIn,
    };
    const volume = new JobVolume(path.join(this.settings.volume, request.name));
    try {
      await volume.create();
      await volume.writeJob(await work.stage(volume));
      await this.objects.start(request, signal);
      const end = await this.watch.untilEnd(request, sink, signal);
      // What a pod left that was ended from outside may be half of something.
      const outcome = end.endedBy === 'itself' ? await volume.outcome() : null;
      if (outcome !== null) await work.take(volume, outcome);
      return { end, outcome };
    } finally {
      await this.objects.remove(request.name);
      await volume.remove();
    }
  }

  /** What a process left that died: its directory is there from before the Job was made, and names it. */
  private async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.settings.volume)) {
      if (!NAME.test(name)) continue;
      const directory = path.join(this.settings.volume, name);
      const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs < LEFT_AFTER_MS) continue;
      await this.objects.remove(name);
      await new JobVolume(directory).remove();
    }
  }

  private async missingRights(signal: AbortSignal): Promise<string[]> {
    const missing: string[] = [];
    for (const { verbs, ...what } of NEEDED) {
      for (const verb of verbs) {
        const body = {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { namespace: this.settings.namespace, verb, ...what } },
        };
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
        const review = AccessReview.safeParse(await this.api.call({ method: 'POST', path, body }, signal));
        if (review.data?.status.allowed !== true)
          missing.push(`${verb} ${what.resource}${'subresource' in what ? '/log' : ''}`);
      }
    }
    return missing;
  }
}

const DEAF: EventSink = { line: () => {} };

/** The pod had no say in it: the node or the cluster ended it, or it ended without a word. */
function endedOutside({ endedBy, exitCode, wallMs }: PodEnd, outcome: PodOutcome | null): RunOutcome {
  if (outcome?.kind === 'failed') throw unavailable(outcome.reason);
  if (endedBy === 'itself') throw unavailable('the pod ended without an outcome');
  const usage: Usage = { wallMs, peakMemoryBytes: null, cpuMs: null };
  return { exitCode, endedBy, usage, canary: null };
}

function unavailable(reason: string): ArchiveError {
  return new ArchiveError('EXECUTOR_UNAVAILABLE', { executor: 'kubernetes', reason });
}

function reasonOf({ detail, message }: ArchiveError): string {
  return typeof detail['reason'] === 'string' ? detail['reason'] : message;
}

function unusable(reason: string): ExecutorProbe {
  return {
    isUsable: false,
    reason,
    isolation: 'none',
    limits: new Set(),
    isNetworkOff: false,
    canPinClock: false,
    platforms: [],
    builder: { name: 'kubernetes', version: 'unknown', runtime: null },
  };
}
