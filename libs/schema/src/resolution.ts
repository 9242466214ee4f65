import { z } from 'zod';
import { FitReport } from './fit.js';
import { PullCommands } from './record.js';

/** From best to worst; the last three say why there is nothing to compare. */
export const Grade = z
  .enum([
    'identical',
    'same-content',
    'same-files',
    'same-files-but-noise',
    'same-packages',
    'partial',
    'differs',
    'unproven',
    'unobtainable',
  ])
  .meta({ id: 'Grade' });
export type Grade = z.infer<typeof Grade>;

/** Grades for people. */
export const GRADE_MEANING = {
  identical: 'the same image, byte for byte',
  'same-content': 'every layer and the configuration equal',
  'same-files': 'the same files',
  'same-files-but-noise': 'the same files, but for logs and caches',
  'same-packages': 'the same packages and versions',
  partial: 'a part of it',
  differs: 'something else',
  unproven: 'not tried yet',
  unobtainable: 'no way is left',
} as const satisfies Record<Grade, string>;

export const RouteKind = z
  .enum(['pull', 'mirror', 'rebuild', 'assisted-rebuild', 're-resolve'])
  .meta({ id: 'RouteKind' });
export type RouteKind = z.infer<typeof RouteKind>;

export const FixityEvidence = z
  .object({
    checkedAt: z.iso
      .datetime()
      .nullable()
      .describe('oldest last check over all bytes of the route; null: not yet read back'),
    blobCount: z.number().int(),
    size: z.number().describe('bytes'),
    damaged: z.array(z.string()).describe('digests that did not pass their last check, or are missing; the first 50'),
  })
  .meta({ id: 'FixityEvidence' });
export type FixityEvidence = z.infer<typeof FixityEvidence>;

export const UpstreamState = z
  .enum(['unchecked', 'ok', 'changed', 'dead'])
  .describe('as of the last check: ok: it gives the bytes that we keep; changed: it gives others')
  .meta({ id: 'UpstreamState' });
export type UpstreamState = z.infer<typeof UpstreamState>;

/** Somebody else who has, or had, the same bytes. */
export const OtherHolder = z
  .object({
    reference: z.string().describe('registry.example.org/lab/eeg@sha256:..., or an URL'),
    digest: z.string(),
    size: z.number().int().nullable().describe('bytes'),
    recordedAt: z.iso.datetime().nullable().describe('when the bytes came from there, verified'),
    state: UpstreamState,
    detail: z.string().nullable().describe('why it is so: a status, an error, another digest'),
    checkedAt: z.iso.datetime().nullable().describe('last check by the decay watch'),
  })
  .meta({ id: 'OtherHolder' });
export type OtherHolder = z.infer<typeof OtherHolder>;

export const RouteReceipt = z
  .object({
    id: z.string(),
    outcome: z.string(),
    isProof: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'RouteReceipt' });
export type RouteReceipt = z.infer<typeof RouteReceipt>;

export const RouteCommand = z
  .object({
    client: z.string().describe('docker, podman, apptainer, skopeo, kubernetes, envarium, pip, ...'),
    text: z.string().describe('to paste; for kubernetes a Pod manifest'),
  })
  .meta({ id: 'RouteCommand' });
export type RouteCommand = z.infer<typeof RouteCommand>;

/** One way to the environment: how exact it is, since when that is known, and why. */
export const Route = z
  .object({
    kind: RouteKind,
    grade: Grade,
    isApproximate: z.boolean().describe('made anew from loose specifications: never the archived environment itself'),
    explanation: z.string(),
    provenAt: z.iso.datetime().nullable(),
    fixity: FixityEvidence.nullable(),
    receipts: z.array(RouteReceipt).describe('signed statements about rebuilds by this route, newest first'),
    holders: z.array(OtherHolder).describe('who else has the bytes that this route takes from elsewhere'),
    platform: z
      .object({ name: z.string().describe('as in linux/arm64'), digest: z.string() })
      .meta({ id: 'RoutePlatform' })
      .nullable()
      .describe('of an image for several platforms: the one that fits the machine of the asker'),
    pull: PullCommands.nullable(),
    commands: z.array(RouteCommand),
  })
  .meta({ id: 'Route' });
export type Route = z.infer<typeof Route>;

/** The answer to "give me this environment": every route, best first, and what was tried where there is none. */
export const Resolution = z
  .object({
    recordId: z.string(),
    version: z.number().int(),
    imageDigest: z.string().nullable(),
    grade: Grade.describe('of the best route; unobtainable: there is none'),
    summary: z.string().describe('in one sentence: the best route, or why there is none'),
    routes: z.array(Route),
    attempts: z.array(
      z.object({ source: z.string(), outcome: z.string(), reason: z.string() }).meta({ id: 'Attempt' }),
    ),
    fit: FitReport.nullable().describe('null when the asker did not say what machine it has'),
  })
  .meta({ id: 'Resolution' });
export type Resolution = z.infer<typeof Resolution>;

export const ResolveQuery = z.object({
  architecture: z.string().max(64).optional().describe('of the machine that will run it: amd64, x86_64, arm64, ...'),
  isaLevel: z.string().max(64).optional().describe('with architecture: x86-64-v1 .. x86-64-v4'),
  kernel: z.string().max(200).optional().describe('with architecture: as uname -r says it'),
  gpu: z.string().max(200).optional().describe('with architecture: product name of the GPU, as nvidia-smi writes it'),
  gpuDriver: z.string().max(64).optional().describe('with architecture: version of the GPU driver'),
});
export type ResolveQuery = z.infer<typeof ResolveQuery>;
