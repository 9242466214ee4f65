import { z } from 'zod';

/** `job.json`: what a pod is to do, with every path below the directory that holds it. */
const Clock = z.union([
  z.object({ kind: z.literal('host') }),
  z.object({ kind: z.literal('pinned'), at: z.coerce.date() }),
]);
const Limits = z.object({
  wallSeconds: z.number().positive(),
  memoryBytes: z.number().positive(),
  processes: z.number().positive(),
  diskBytes: z.number().positive(),
  cpus: z.number().positive(),
  logBytes: z.number().positive(),
});
const Image = z.object({ layout: z.string(), digest: z.string() });

export const PodJob = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('probe') }),
  z.object({
    kind: z.literal('build'),
    bases: z.array(z.object({ reference: z.string(), image: Image })),
    standIn: z
      .object({ authority: z.object({ certificate: z.string(), key: z.string() }), ports: z.array(z.number()) })
      .nullable(),
    clock: Clock,
    epoch: z.number(),
    platform: z.string(),
    limits: Limits,
  }),
  z.object({
    kind: z.literal('run'),
    image: Image,
    command: z.string(),
    workingDirectory: z.string().nullable(),
    environment: z.record(z.string(), z.string()),
    mounts: z.array(z.object({ source: z.string(), target: z.string(), isWritable: z.boolean() })),
    clock: Clock,
    limits: Limits,
  }),
]);
export type PodJob = z.infer<typeof PodJob>;

const Attempt = z.enum(['refused', 'reached']);
const Outcome = z.object({
  exitCode: z.int().nullable(),
  endedBy: z.enum(['itself', 'wall', 'memory', 'processes', 'disk', 'log', 'cancelled']),
  usage: z.object({
    wallMs: z.number().nonnegative(),
    peakMemoryBytes: z.number().nonnegative().nullable(),
    cpuMs: z.number().nonnegative().nullable(),
  }),
  canary: z.object({ attempts: z.object({ dns: Attempt, tcp: Attempt, udp: Attempt, ipv6: Attempt }) }).nullable(),
});
const Probe = z.object({
  isUsable: z.boolean(),
  reason: z.string().nullable(),
  limits: z.array(z.enum(['memory', 'processes', 'disk', 'wall', 'cpu'])),
  isNetworkOff: z.boolean(),
  canPinClock: z.boolean(),
  platforms: z.array(z.string()),
  builder: z.object({ name: z.string(), version: z.string(), runtime: z.string().nullable() }),
});

/** `outcome.json`: what came of it. The image, when there is one, is the OCI layout `image` beside it. */
export const PodOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('probe'), probe: Probe }),
  z.object({
    kind: z.literal('build'),
    outcome: Outcome,
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .nullable(),
  }),
  z.object({ kind: z.literal('run'), outcome: Outcome }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type PodOutcome = z.infer<typeof PodOutcome>;

/** A line of the log of the pod: numbered, so that a log which is read again from its start says nothing twice. */
export const PodLine = z.object({
  seq: z.int().nonnegative(),
  stream: z.enum(['stdout', 'stderr', 'note']),
  text: z.string(),
});
export type PodLine = z.infer<typeof PodLine>;
