import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import type { EndedBy, EventSink } from '../executor.js';
import { JobObjects } from './job-objects.js';
import type { KubernetesApi } from './kubernetes-api.js';
import { BUILDER, type PodRequest } from './kubernetes-objects.js';
import { PodLine } from './pod-job.js';
import { jobState, Pod, podState, type PodState } from './pod-state.js';
import type { KubernetesSettings } from './settings.js';

const PodList = z.object({ metadata: z.object({ resourceVersion: z.string().optional() }), items: z.array(Pod) });
const WatchEvent = z.object({ type: z.string(), object: z.unknown() });
/** The cluster ends a watch by then, and it is opened anew: a dead connection must not look like a patient build. */
const WATCH_SECONDS = 240;
const LINE_MAX = 16 * 1024 + 8;
const LOG_GRACE_MS = 10_000;

export interface PodEnd {
  readonly exitCode: number | null;
  readonly endedBy: EndedBy;
  readonly wallMs: number;
}

/** Follows a pod to its end: what it says goes to the sink, and how it ended is told. */
export class PodWatch {
  private readonly objects: JobObjects;

  constructor(
    private readonly api: KubernetesApi,
    private readonly settings: KubernetesSettings,
    private readonly pauseMs: number,
  ) {
    this.objects = new JobObjects(api, settings);
  }

  /** @throws ArchiveError EXECUTOR_UNAVAILABLE when the cluster does not run it, or not to its end; the reason of `signal` */
  async untilEnd(request: PodRequest, sink: EventSink, signal: AbortSignal): Promise<PodEnd> {
    const began = Date.now();
    const over = new AbortController();
    const logs: Promise<void>[] = [];
    const onRunning = (pod: string): void => {
      if (logs.length === 0)
        logs.push(this.follow(pod, sink, request.limits.logBytes, AbortSignal.any([signal, over.signal])));
    };
    try {
      const state = await this.end(request, onRunning, signal);
      if (state.kind === 'impossible') throw unavailable(state.reason);
      // The last lines are on their way.
      await Promise.race([Promise.all(logs), sleep(LOG_GRACE_MS, undefined, { ref: false })]);
      return { exitCode: state.exitCode, endedBy: state.endedBy, wallMs: Date.now() - began };
    } finally {
      over.abort(new Error('the pod has ended'));
      await Promise.all(logs);
    }
  }

  private async end(request: PodRequest, onRunning: (pod: string) => void, signal: AbortSignal) {
    const startBy = Date.now() + this.settings.startSeconds * 1000;
    let wasSeen = false;
    for (;;) {
      const list = await this.list(request.name, signal);
      const [pod] = list.items;
      wasSeen ||= pod !== undefined;
      const state = pod === undefined ? await this.stateOfJob(request.name, wasSeen, signal) : podState(pod);
      if (state.kind === 'ended' || state.kind === 'impossible') {
        if (pod !== undefined && state.kind === 'ended') onRunning(pod.metadata.name);
        return await this.byDeadline(request.name, state, signal);
      }
      if (state.kind === 'running' && pod !== undefined) onRunning(pod.metadata.name);
      else if (Date.now() >= startBy) {
        return {
          kind: 'impossible',
          reason: `the pod does not start: ${state.kind === 'waiting' ? (state.reason ?? 'no reason is given') : ''}`,
        } as const;
      }
      await this.change(request.name, list.metadata.resourceVersion, state, signal);
    }
  }

  /** A pod that is killed for the deadline of its job ends like any that is killed; only the job says why. */
  private async byDeadline(
    name: string,
    state: Exclude<PodState, { kind: 'waiting' | 'running' }>,
    signal: AbortSignal,
  ) {
    if (state.kind !== 'ended' || state.exitCode === 0) return state;
    const status = await this.objects.status(name, signal);
    const said = status === null ? null : jobState(status);
    return said?.kind === 'ended' ? said : state;
  }

  private async stateOfJob(name: string, wasSeen: boolean, signal: AbortSignal): Promise<PodState> {
    const status = await this.objects.status(name, signal);
    if (status === null) return { kind: 'impossible', reason: 'somebody took the job away' };
    const state = jobState(status);
    if (state !== null) return state;
    return wasSeen
      ? { kind: 'impossible', reason: 'the pod is gone: somebody deleted it, or its node was drained' }
      : { kind: 'waiting', reason: null };
  }

  /** Returns when something may have changed, or the watch was cut; the next list says what is. */
  private async change(name: string, version: string | undefined, state: PodState, signal: AbortSignal): Promise<void> {
    const query = `&watch=true&timeoutSeconds=${state.kind === 'running' ? WATCH_SECONDS : 10}`;
    const from = version === undefined ? '' : `&resourceVersion=${encodeURIComponent(version)}`;
    try {
      for await (const line of this.api.lines(`${this.pods}${selector(name)}${query}${from}`, signal)) {
        const event = WatchEvent.safeParse(parseJson(line)).data;
        if (event === undefined || event.type === 'BOOKMARK') continue;
        if (event.type === 'ERROR') break;
        const pod = Pod.safeParse(event.object).data;
        if (event.type === 'DELETED' || pod === undefined || podState(pod).kind !== state.kind) return;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ArchiveError) || error.detail['status'] === 403) throw error;
    }
    await sleep(this.pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  /** A log that is cut is read again from its start, and the lines that were told already are left out. */
  private async follow(pod: string, sink: EventSink, logBytes: number, signal: AbortSignal): Promise<void> {
    let told = -1;
    let left = logBytes;
    for (let tried = 0; tried < 5; tried++) {
      const before = told;
      try {
        for await (const text of this.api.lines(`${this.pods}/${pod}/log?container=${BUILDER}&follow=true`, signal)) {
          const line = PodLine.safeParse(parseJson(text)).data;
          if (line === undefined || line.seq <= told) continue;
          told = line.seq;
          left -= line.text.length;
          // The executor inside ends what says too much; this is for when it does not.
          if (left < 0) return;
          sink.line(line.stream, line.text.slice(0, LINE_MAX));
        }
        return;
      } catch {
        if (signal.aborted) return;
        if (told > before) tried = 0;
        await sleep(this.pauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  private async list(name: string, signal: AbortSignal) {
    const list = PodList.safeParse(
      await this.api.call({ method: 'GET', path: `${this.pods}${selector(name)}` }, signal),
    );
    if (!list.success) throw unavailable('the list of pods cannot be read');
    return list.data;
  }

  private get pods(): string {
    return `/api/v1/namespaces/${this.settings.namespace}/pods`;
  }
}

function selector(name: string): string {
  return `?labelSelector=${encodeURIComponent(`envarium.org/job=${name}`)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unavailable(reason: string): ArchiveError {
  return new ArchiveError('EXECUTOR_UNAVAILABLE', { executor: 'kubernetes', reason });
}
