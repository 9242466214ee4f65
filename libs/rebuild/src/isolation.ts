import type { Canary, Clock, ExecutorProbe, Limits } from '@envarium/sandbox';
import type { IsolationEvidence } from '@envarium/schema';

/** What is said of the isolation in a receipt. */
export function isolationOf(
  executor: { readonly id: string; readonly probe: ExecutorProbe },
  network: IsolationEvidence['network'],
  canary: Canary | null,
  clock: Clock,
  limits: Limits,
): IsolationEvidence {
  const held = {
    memory: ['memoryBytes', limits.memoryBytes],
    processes: ['processes', limits.processes],
    disk: ['diskBytes', limits.diskBytes],
    wall: ['wallSeconds', limits.wallSeconds],
    cpu: ['cpus', limits.cpus],
  } as const;
  return {
    executor: executor.id,
    network,
    canary: canaryOf(canary),
    clock: { pinnedTo: clock.kind === 'pinned' ? clock.at.toISOString() : null, hostOffsetSeconds: 0 },
    limits: Object.fromEntries([...executor.probe.limits].map((name) => held[name])),
  };
}

function canaryOf(canary: Canary | null): IsolationEvidence['canary'] {
  if (canary === null) return 'not-tried';
  return Object.values(canary.attempts).every((attempt) => attempt === 'refused') ? 'refused' : 'reached';
}

/** True when the world outside could have had no part in it. */
export function isSealed({ canary, network, limits }: IsolationEvidence): boolean {
  return canary === 'refused' && network !== 'record' && 'memoryBytes' in limits && 'wallSeconds' in limits;
}
