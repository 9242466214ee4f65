import { describe, expect, it } from 'vitest';
import { jobState, Pod, podState } from './pod-state.js';

const state = (status: unknown) => podState(Pod.parse({ metadata: { name: 'p' }, status }));
const builder = (state: unknown) => ({
  containerStatuses: [
    { name: 'stand-in', state: {} },
    { name: 'builder', state },
  ],
});

describe('sandbox/kubernetes/pod-state', () => {
  it.each([
    ['that nobody looked at yet', undefined, { kind: 'waiting', reason: null }],
    [
      'that makes its containers',
      builder({ waiting: { reason: 'ContainerCreating' } }),
      { kind: 'waiting', reason: null },
    ],
    [
      'for which there is no place',
      {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
        ],
      },
      { kind: 'waiting', reason: 'Unschedulable: 0/3 nodes are available' },
    ],
    ['that runs', builder({ running: { startedAt: '2026-01-01T00:00:00Z' } }), { kind: 'running' }],
    ['that ended', builder({ terminated: { exitCode: 3 } }), { kind: 'ended', exitCode: 3, endedBy: 'itself' }],
    [
      'out of memory',
      builder({ terminated: { exitCode: 137, reason: 'OOMKilled' } }),
      { kind: 'ended', exitCode: 137, endedBy: 'memory' },
    ],
    [
      'thrown out for its disk',
      {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'Usage of EmptyDir volume "scratch" exceeds the limit "1Gi".',
        ...builder({ terminated: { exitCode: 137 } }),
      },
      { kind: 'ended', exitCode: null, endedBy: 'disk' },
    ],
    [
      'thrown out for others',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      { kind: 'impossible', reason: 'Evicted: The node was low on resource: memory.' },
    ],
    [
      'whose node went down',
      { phase: 'Failed', reason: 'NodeShutdown' },
      { kind: 'impossible', reason: 'NodeShutdown' },
    ],
    [
      'whose image cannot be had',
      builder({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } }),
      { kind: 'impossible', reason: 'ImagePullBackOff: Back-off pulling image' },
    ],
    [
      'whose stand-in cannot start',
      { initContainerStatuses: [{ name: 'stand-in', state: { waiting: { reason: 'CreateContainerConfigError' } } }] },
      { kind: 'impossible', reason: 'CreateContainerConfigError' },
    ],
  ])('reads a pod %s', (_, status, expected) => {
    expect(state(status)).toEqual(expected);
  });

  it('reads from a job why its pod is gone', () => {
    const failed = (reason: string) =>
      jobState({ metadata: { uid: '1' }, status: { conditions: [{ type: 'Failed', status: 'True', reason }] } });

    expect(jobState({ metadata: { uid: '1' } })).toBeNull();
    expect(failed('DeadlineExceeded')).toEqual({ kind: 'ended', exitCode: null, endedBy: 'wall' });
    expect(failed('BackoffLimitExceeded')).toEqual({ kind: 'impossible', reason: 'BackoffLimitExceeded' });
  });
});
