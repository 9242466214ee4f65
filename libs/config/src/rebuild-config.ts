import path from 'node:path';
import { z } from 'zod';

const PINNED_DOWNLOAD = /^(?<url>https?:\/\/[^\s#]+)#sha256=(?<sha256>[0-9a-f]{64})$/;
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Variables of `Environment` that say how recipes are recorded and rebuilt. */
export const REBUILD_VARIABLES = {
  ENVARIUM_RECIPE_BASE: z
    .string()
    .min(1)
    .max(600)
    .optional()
    .describe('Image that recipes made from package files start from, as in bases/debian:bookworm. Default: none.'),
  ENVARIUM_R_REPOSITORY: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'is no address')
    .optional()
    .describe('Where recipes get packages of R from; {date} stands for the day that the deposit names.'),
  ENVARIUM_MICROMAMBA: z
    .string()
    .regex(PINNED_DOWNLOAD, 'is not URL#sha256=<64 hex digits>')
    .optional()
    .describe('The program micromamba for recipes with conda packages, as URL#sha256=HEX.'),
  ENVARIUM_JULIA: z
    .string()
    .regex(PINNED_DOWNLOAD, 'is not URL#sha256=<64 hex digits>')
    .optional()
    .describe('The archive of Julia for recipes with Julia packages, as URL#sha256=HEX.'),
  ENVARIUM_REHEARSE: z
    .enum(['on-request', 'on-publication'])
    .default('on-request')
    .describe('When the closure of a version that has a recipe is recorded and rehearsed.'),
  ENVARIUM_REBUILD_MINUTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_080)
    .default(120)
    .describe('Longest time for one build or run.'),
  ENVARIUM_REBUILD_MEMORY: z.coerce
    .number()
    .int()
    .min(64)
    .max(16_777_216)
    .default(4096)
    .describe('MiB of memory that one build or run may use.'),
  ENVARIUM_REBUILD_DISK: z.coerce
    .number()
    .int()
    .min(256)
    .max(16_777_216)
    .default(32_768)
    .describe('MiB of disk that one build or run may use.'),
  ENVARIUM_REBUILD_PROCESSES: z.coerce
    .number()
    .int()
    .min(16)
    .max(100_000)
    .default(2048)
    .describe('Processes and threads that one build or run may have.'),
  ENVARIUM_REBUILD_CPUS: z.coerce
    .number()
    .min(0.1)
    .max(1024)
    .default(2)
    .describe('Processors that one build or run may use.'),
  ENVARIUM_KUBERNETES_IMAGE: z
    .string()
    .max(600)
    .regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, 'is not NAME@sha256:<64 hex digits>')
    .optional()
    .describe(
      'Builds run as Kubernetes Jobs in this image (docker/Dockerfile, target "builder"). Default: on this machine.',
    ),
  ENVARIUM_KUBERNETES_API: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Address of the Kubernetes API, as of `kubectl proxy`. Default: that of the cluster this process runs in.',
    ),
  ENVARIUM_KUBERNETES_NAMESPACE: z
    .string()
    .regex(DNS_LABEL, 'is no name of a namespace')
    .default('envarium-jobs')
    .describe('Namespace where jobs run (docker/kubernetes/rebuilds.yaml).'),
  ENVARIUM_KUBERNETES_CLAIM: z
    .string()
    .regex(DNS_LABEL, 'is no name of a claim')
    .default('envarium-jobs')
    .describe('PersistentVolumeClaim there that jobs share with the resolver.'),
  ENVARIUM_KUBERNETES_VOLUME: z
    .string()
    .min(1)
    .default('/jobs')
    .describe('Where that claim is mounted for the resolver.'),
  ENVARIUM_KUBERNETES_RUNTIME_CLASS: z
    .string()
    .regex(/^[a-z0-9.-]{1,63}(?:=vm)?$/, 'is not NAME or NAME=vm')
    .optional()
    .describe('Runtime class of the pods, as kata=vm where it is a virtual machine. Default: pods in user namespaces.'),
  ENVARIUM_KUBERNETES_PLATFORM: z
    .string()
    .regex(/^linux\/[a-z0-9]{1,16}$/, 'is not linux/ARCHITECTURE')
    .default('linux/amd64')
    .describe('Platform of the nodes, for what is not built for one of its own.'),
  ENVARIUM_KUBERNETES_NODES: z
    .string()
    .max(2000)
    .regex(/^(?:[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*(?:,|$))*$/, 'is not LABEL=VALUE, separated by commas')
    .default('')
    .describe('Labels of the nodes that jobs may run on: LABEL=VALUE, separated by commas. Default: all.'),
  ENVARIUM_KUBERNETES_START_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(600)
    .describe('Seconds that a job may take until it runs: a place on a node, and the image.'),
};

const Variables = z.object(REBUILD_VARIABLES);
type RebuildVariables = z.infer<typeof Variables>;

export interface PinnedDownload {
  readonly url: string;
  /** 64 hex digits */
  readonly sha256: string;
}

/** Builds as Kubernetes Jobs; docker/README.md says how to set it up. */
export interface KubernetesConfig {
  /** Null: the cluster that this process runs in. */
  readonly api: string | null;
  readonly image: string;
  readonly namespace: string;
  readonly claim: string;
  readonly volume: string;
  readonly runtimeClass: { readonly name: string; readonly isVm: boolean } | null;
  readonly platform: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly startSeconds: number;
}

/** How recipes are recorded and rebuilt. */
export interface RebuildConfig {
  /** As written: a reference in this archive, or of another registry. */
  readonly recipeBase: string | null;
  readonly rRepository: string | null;
  /** What no package of Debian has, each by its digest. */
  readonly micromamba: PinnedDownload | null;
  readonly julia: PinnedDownload | null;
  readonly rehearse: 'on-request' | 'on-publication';
  /** Null: on the resolver's own machine only. */
  readonly kubernetes: KubernetesConfig | null;
  readonly limits: {
    readonly wallSeconds: number;
    readonly memoryBytes: number;
    readonly processes: number;
    readonly diskBytes: number;
    readonly cpus: number;
    readonly logBytes: number;
  };
}

const MIB = 1024 * 1024;
const LOG_BYTES = 64 * MIB;

function pinnedDownload(text: string | undefined): PinnedDownload | null {
  const { url, sha256 } = PINNED_DOWNLOAD.exec(text ?? '')?.groups ?? {};
  return url === undefined || sha256 === undefined ? null : { url, sha256 };
}

export function rebuildConfig(env: RebuildVariables): RebuildConfig {
  return Object.freeze({
    recipeBase: env.ENVARIUM_RECIPE_BASE ?? null,
    rRepository: env.ENVARIUM_R_REPOSITORY ?? null,
    micromamba: pinnedDownload(env.ENVARIUM_MICROMAMBA),
    julia: pinnedDownload(env.ENVARIUM_JULIA),
    rehearse: env.ENVARIUM_REHEARSE,
    kubernetes: kubernetesConfig(env),
    limits: Object.freeze({
      wallSeconds: env.ENVARIUM_REBUILD_MINUTES * 60,
      memoryBytes: env.ENVARIUM_REBUILD_MEMORY * MIB,
      processes: env.ENVARIUM_REBUILD_PROCESSES,
      diskBytes: env.ENVARIUM_REBUILD_DISK * MIB,
      cpus: env.ENVARIUM_REBUILD_CPUS,
      logBytes: LOG_BYTES,
    }),
  });
}

function kubernetesConfig(env: RebuildVariables): KubernetesConfig | null {
  if (env.ENVARIUM_KUBERNETES_IMAGE === undefined) return null;
  const [name, kind] = env.ENVARIUM_KUBERNETES_RUNTIME_CLASS?.split('=') ?? [];
  const nodes = env.ENVARIUM_KUBERNETES_NODES.split(',').filter((entry) => entry !== '');
  return Object.freeze({
    api: env.ENVARIUM_KUBERNETES_API ?? null,
    image: env.ENVARIUM_KUBERNETES_IMAGE,
    namespace: env.ENVARIUM_KUBERNETES_NAMESPACE,
    claim: env.ENVARIUM_KUBERNETES_CLAIM,
    volume: path.resolve(env.ENVARIUM_KUBERNETES_VOLUME),
    runtimeClass: name === undefined ? null : { name, isVm: kind === 'vm' },
    platform: env.ENVARIUM_KUBERNETES_PLATFORM,
    nodeSelector: Object.fromEntries(nodes.map((entry) => [entry.split('=')[0] ?? '', entry.split('=')[1] ?? ''])),
    startSeconds: env.ENVARIUM_KUBERNETES_START_SECONDS,
  });
}
