import { describe, expect, it } from 'vitest';
import { kubernetesObjects, type PodRequest } from './kubernetes-objects.js';
import type { KubernetesSettings } from './settings.js';

const SETTINGS: KubernetesSettings = {
  namespace: 'envarium-jobs',
  image: `registry.example.org/envarium/builder@sha256:${'a'.repeat(64)}`,
  command: ['node', '/envarium/pod.js'],
  standInCommand: ['node', '/envarium/stand-in.js'],
  claim: 'envarium-jobs',
  volume: '/jobs',
  runtimeClass: null,
  platform: 'linux/amd64',
  nodeSelector: { 'example.org/pool': 'builds' },
  startSeconds: 60,
};
const REQUEST: PodRequest = {
  name: 'envarium-0001',
  limits: { wallSeconds: 600, memoryBytes: 1024 ** 3, diskBytes: 10 * 1024 ** 3, cpus: 2, logBytes: 1024 ** 2 },
  platform: 'linux/arm64',
  hasStandIn: true,
};
const pod = (settings = SETTINGS, request = REQUEST) => kubernetesObjects(request, settings).job.spec.template.spec;

describe('sandbox/kubernetes/kubernetes-objects', () => {
  it('lets no packet in or out of the pod', () => {
    const { policy, job } = kubernetesObjects(REQUEST, SETTINGS);

    expect(policy.spec).toEqual({
      podSelector: { matchLabels: { 'envarium.org/job': 'envarium-0001' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    });
    expect(job.spec.template.metadata.labels).toMatchObject(policy.spec.podSelector.matchLabels);
  });

  it('makes a job that waits for its policy, is tried once, ends in time and is forgotten by itself', () => {
    expect(kubernetesObjects(REQUEST, SETTINGS).job.spec).toMatchObject({
      suspend: true,
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: 960,
      ttlSecondsAfterFinished: 600,
    });
  });

  it('gives the pod no account, no namespace of the node and no name service', () => {
    expect(pod()).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      hostNetwork: false,
      hostPID: false,
      hostIPC: false,
      hostUsers: false,
      dnsPolicy: 'None',
      nodeSelector: { 'example.org/pool': 'builds', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' },
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    });
  });

  it('mounts its own part of the volume and nothing of the node', () => {
    const { volumes, containers } = pod();

    expect(volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'))).toEqual([
      'persistentVolumeClaim',
      'emptyDir',
      'emptyDir',
      'emptyDir',
    ]);
    expect(containers[0]?.volumeMounts.filter(({ name }) => name === 'work')).toEqual([
      { name: 'work', mountPath: '/job/in', subPath: 'envarium-0001/in', readOnly: true },
      { name: 'work', mountPath: '/job/out', subPath: 'envarium-0001/out' },
    ]);
  });

  it('limits the builder, and takes from it what its user namespace cannot hold', () => {
    expect(pod().containers[0]).toMatchObject({
      image: SETTINGS.image,
      resources: { limits: { cpu: '2', memory: '1610612736', 'ephemeral-storage': '10871635968' } },
      securityContext: {
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
  });

  it('runs the stand-in beside it, as nobody, with the closure read-only and no capability', () => {
    const { initContainers } = pod();

    expect(initContainers).toMatchObject([
      {
        name: 'stand-in',
        restartPolicy: 'Always',
        command: [
          'node',
          '/envarium/stand-in.js',
          '/closure',
          '/job/sockets/internet.sock',
          '/job/sockets/account.sock',
        ],
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_532,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ]);
    expect(initContainers[0]?.securityContext.capabilities).toEqual({ drop: ['ALL'] });
    expect(initContainers[0]?.volumeMounts[0]).toEqual({
      name: 'work',
      mountPath: '/closure',
      subPath: 'envarium-0001/closure',
      readOnly: true,
    });
    expect(pod(SETTINGS, { ...REQUEST, hasStandIn: false }).initContainers).toEqual([]);
  });

  it.each([
    ['gvisor', { name: 'gvisor', isVm: false }, { runtimeClassName: 'gvisor', hostUsers: false }],
    ['kata', { name: 'kata', isVm: true }, { runtimeClassName: 'kata' }],
  ])(
    'runs under the runtime class %s, and without a user namespace only in a virtual machine',
    (_, runtimeClass, expected) => {
      const { runtimeClassName, hostUsers } = pod({ ...SETTINGS, runtimeClass });

      expect({ runtimeClassName, ...(hostUsers !== undefined && { hostUsers }) }).toEqual(expected);
    },
  );
});
