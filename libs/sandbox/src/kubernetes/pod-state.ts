import { z } from 'zod';
import type { EndedBy } from '../executor.js';
import { BUILDER } from './kubernetes-objects.js';

const ContainerStatus = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      running: z.object({}).optional(),
      terminated: z.object({ exitCode: z.int(), reason: z.string().optional() }).optional(),
    })
    .optional(),
});

/** As much of https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ as says how a pod fares. */
export const Pod = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string().optional() }),
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .optional(),
      containerStatuses: z.array(ContainerStatus).optional(),
      initContainerStatuses: z.array(ContainerStatus).optional(),
    })
    .optional(),
});
export type Pod = z.infer<typeof Pod>;

export const JobStatus = z.object({
  metadata: z.object({ uid: z.string() }),
  status: z
    .object({
      conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string().optional() })).optional(),
    })
    .optional(),
});

export type PodState =
  /** `reason`: why it does not run yet, as far as the cluster says. */
  | { readonly kind: 'waiting'; readonly reason: string | null }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly endedBy: EndedBy }
  /** Not for what the job did: the cluster cannot, or would not any more. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** These do not pass by waiting, or not soon enough for anybody to wait for them. */
const HOPELESS = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImageNeverPull',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'RunContainerError',
];

export function podState(pod: Pod): PodState {
  const { status } = pod;
  if (status?.reason === 'Evicted') return evicted(status.message ?? '');
  const builder = status?.containerStatuses?.find(({ name }) => name === BUILDER)?.state;
  if (builder?.terminated !== undefined) return terminated(builder.terminated);
  if (status?.phase === 'Failed') return { kind: 'impossible', reason: status.reason ?? 'the pod failed' };
  const hopeless = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
    .map(({ state }) => state?.waiting)
    .find((waiting) => HOPELESS.includes(waiting?.reason ?? ''));
  if (hopeless !== undefined) return { kind: 'impossible', reason: sentence(hopeless.reason, hopeless.message) };
  if (builder?.running !== undefined) return { kind: 'running' };
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  return {
    kind: 'waiting',
    reason: unscheduled === undefined ? null : sentence(unscheduled.reason, unscheduled.message),
  };
}

/** How a job ended whose pod is gone: a job that outlives its deadline loses its pods. Null: it has not ended. */
export function jobState({ status }: z.infer<typeof JobStatus>): PodState | null {
  const failed = status?.conditions?.find(({ type, status: is }) => type === 'Failed' && is === 'True');
  if (failed === undefined) return null;
  if (failed.reason === 'DeadlineExceeded') return { kind: 'ended', exitCode: null, endedBy: 'wall' };
  return { kind: 'impossible', reason: failed.reason ?? 'the job failed' };
}

function terminated({ exitCode, reason }: { exitCode: number; reason?: string | undefined }): PodState {
  if (reason === 'OOMKilled') return { kind: 'ended', exitCode, endedBy: 'memory' };
  return { kind: 'ended', exitCode, endedBy: 'itself' };
}

/** What used too much disk is thrown out by the node; what stood in the way of others is too, and that is not its fault. */
function evicted(message: string): PodState {
  if (/ephemeral|emptydir/i.test(message) && /exceed/i.test(message)) {
    return { kind: 'ended', exitCode: null, endedBy: 'disk' };
  }
  return { kind: 'impossible', reason: sentence('Evicted', message) };
}

function sentence(reason: string | undefined, message: string | undefined): string {
  return [reason, message]
    .filter((part) => part !== undefined && part !== '')
    .join(': ')
    .slice(0, 500);
}
