import type { Limits } from '../executor.js';
import type { KubernetesSettings } from './settings.js';

/** What the cluster is asked for; the rest is in `job.json` on the volume. */
export interface PodRequest {
  /** A DNS label; also the directory of the job on the volume. */
  readonly name: string;
  readonly limits: Pick<Limits, 'wallSeconds' | 'memoryBytes' | 'diskBytes' | 'cpus' | 'logBytes'>;
  /** `os/architecture` */
  readonly platform: string;
  readonly hasStandIn: boolean;
}

/** Where a job finds things in its pod. */
const POD_PATHS = {
  closure: '/closure',
  input: '/job/in',
  output: '/job/out',
  scratch: '/job/scratch',
  socket: '/job/sockets/internet.sock',
  account: '/job/sockets/account.sock',
} as const;

/** Name of the container whose log and end are those of the job. */
export const BUILDER = 'builder';
export const STAND_IN = 'stand-in';

const MIB = 1024 ** 2;
/** The programs that build need some themselves, and must not die of the limit of what they build. */
const BUILDER_MEMORY = 512 * MIB;
/** Beyond the time of the job: reading the input, writing the image. The job ends itself in time; this is for when it cannot. */
const DEADLINE_MARGIN_SECONDS = 300;
/** When this process dies before it has tidied up, the cluster does. */
const KEEP_SECONDS = 600;
const NOBODY = 65_532;

/**
 * What a builder needs to make namespaces, and a file system with many owners, *inside* the user namespace of its pod:
 * https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/. On the node they are worth nothing.
 */
const BUILDER_CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_ADMIN',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_ADMIN',
  'SYS_CHROOT',
] as const;

/**
 * The objects of one job: a Job that waits (`suspend`), and the policy that leaves its pod no network. The policy comes
 * first in time, too: the Job is let go when it stands. Pod-local loopback is no network, so the stand-in is reached.
 */
export function kubernetesObjects(request: PodRequest, settings: KubernetesSettings) {
  const labels = { 'app.kubernetes.io/part-of': 'envarium', 'envarium.org/job': request.name };
  const metadata = { name: request.name, namespace: settings.namespace, labels };
  return {
    job: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata,
      spec: {
        suspend: true,
        // A build that failed has failed: it is not tried again behind the back of whoever asked.
        backoffLimit: 0,
        completions: 1,
        parallelism: 1,
        // The cluster's clock runs from the release of the Job, also while the pod has no place yet.
        activeDeadlineSeconds: Math.ceil(request.limits.wallSeconds) + settings.startSeconds + DEADLINE_MARGIN_SECONDS,
        ttlSecondsAfterFinished: KEEP_SECONDS,
        template: { metadata: { labels }, spec: podSpec(request, settings) },
      },
    },
    policy: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      // Both directions, and nothing that would be allowed.
      spec: {
        podSelector: { matchLabels: { 'envarium.org/job': request.name } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [],
        egress: [],
      },
    },
  };
}

export type KubernetesObjects = ReturnType<typeof kubernetesObjects>;

function podSpec(request: PodRequest, settings: KubernetesSettings) {
  const { runtimeClass } = settings;
  const [os = 'linux', arch = 'amd64'] = request.platform.split('/');
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    // Root in the pod is nobody on the node. In a virtual machine there is no node to be root of.
    ...(runtimeClass?.isVm !== true && { hostUsers: false }),
    ...(runtimeClass !== null && { runtimeClassName: runtimeClass.name }),
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['127.0.0.1'] },
    terminationGracePeriodSeconds: 5,
    nodeSelector: { ...settings.nodeSelector, 'kubernetes.io/os': os, 'kubernetes.io/arch': arch },
    // No fsGroup: for it the whole volume would change hands, other jobs and all.
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    // A container that starts before the builder and ends after it, so that the job ends with the builder.
    initContainers: request.hasStandIn ? [standIn(request.name, settings)] : [],
    containers: [builder(request, settings)],
    volumes: [
      { name: 'work', persistentVolumeClaim: { claimName: settings.claim } },
      { name: 'scratch', emptyDir: { sizeLimit: String(request.limits.diskBytes) } },
      { name: 'tmp', emptyDir: { sizeLimit: String(64 * MIB) } },
      { name: 'sockets', emptyDir: { medium: 'Memory', sizeLimit: String(MIB) } },
    ],
  };
}

function builder({ name, limits }: PodRequest, settings: KubernetesSettings) {
  const { input, output, scratch, socket, account } = POD_PATHS;
  const resources = {
    cpu: String(limits.cpus),
    memory: String(limits.memoryBytes + BUILDER_MEMORY),
    'ephemeral-storage': String(limits.diskBytes + 128 * MIB),
  };
  return {
    name: BUILDER,
    image: settings.image,
    imagePullPolicy: 'IfNotPresent',
    command: [...settings.command, input, output, scratch, socket, account],
    workingDir: POD_PATHS.scratch,
    env: [{ name: 'TMPDIR', value: '/tmp' }],
    resources: { limits: resources, requests: resources },
    // Root of a user namespace, or of a virtual machine: never of the node.
    securityContext: { ...LOCKED, runAsUser: 0, capabilities: { drop: ['ALL'], add: [...BUILDER_CAPABILITIES] } },
    volumeMounts: [
      { name: 'work', mountPath: POD_PATHS.input, subPath: `${name}/in`, readOnly: true },
      { name: 'work', mountPath: POD_PATHS.output, subPath: `${name}/out` },
      { name: 'scratch', mountPath: POD_PATHS.scratch },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'sockets', mountPath: '/job/sockets' },
    ],
  };
}

function standIn(name: string, settings: KubernetesSettings) {
  const resources = { cpu: '1', memory: String(256 * MIB), 'ephemeral-storage': String(64 * MIB) };
  return {
    name: STAND_IN,
    image: settings.image,
    imagePullPolicy: 'IfNotPresent',
    command: [...settings.standInCommand, POD_PATHS.closure, POD_PATHS.socket, POD_PATHS.account],
    restartPolicy: 'Always',
    // The second socket: it is there when the first is.
    startupProbe: { exec: { command: ['test', '-S', POD_PATHS.account] }, periodSeconds: 1, failureThreshold: 60 },
    resources: { limits: resources, requests: resources },
    securityContext: { ...LOCKED, runAsNonRoot: true, runAsUser: NOBODY, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'work', mountPath: POD_PATHS.closure, subPath: `${name}/closure`, readOnly: true },
      { name: 'sockets', mountPath: '/job/sockets' },
    ],
  };
}

const LOCKED = { privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true } as const;
