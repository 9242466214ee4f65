import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  kubernetesObjects,
  type KubernetesSettings,
  type PodRequest,
} from '../../libs/sandbox/src/kubernetes/index.js';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { itWithClient, runProgram } from './client-program.js';

const PROGRAM = 'kubernetes-validate';
const INSTALLATION = 'test/tools/install-clients.sh, or pip install kubernetes-validate==1.34.1';
const MANIFESTS = path.resolve(import.meta.dirname, '../../docker/kubernetes/rebuilds.yaml');
const SETTINGS: KubernetesSettings = {
  namespace: 'envarium-jobs',
  image: `registry.example.org/envarium/builder@sha256:${'a'.repeat(64)}`,
  command: ['node', '/envarium/pod.js'],
  standInCommand: ['node', '/envarium/stand-in.js'],
  claim: 'envarium-jobs',
  volume: '/jobs',
  runtimeClass: { name: 'kata', isVm: true },
  platform: 'linux/amd64',
  nodeSelector: {},
  startSeconds: 60,
};
const REQUEST: PodRequest = {
  name: 'envarium-0001',
  limits: { wallSeconds: 600, memoryBytes: 1024 ** 3, diskBytes: 10 * 1024 ** 3, cpus: 2, logBytes: 1024 ** 2 },
  platform: 'linux/amd64',
  hasStandIn: true,
};

/** Against the schemas that Kubernetes publishes; strict: what they do not know is refused, as a typing error would be. */
describe('conformance/kubernetes-schema', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-kubernetes-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });
  const validate = async (name: string, object: unknown): Promise<string> => {
    const file = path.join(directory, `${name}.json`);
    await writeFile(file, JSON.stringify(object));
    return await runProgram(PROGRAM, ['--strict', '-k', '1.34', file], directory).catch(
      (error: unknown) => `refused: ${error instanceof Error && 'stdout' in error ? String(error.stdout) : ''}`,
    );
  };

  itWithClient(PROGRAM, INSTALLATION, 'takes the objects of a job, in each of their forms', async () => {
    const forms = [
      kubernetesObjects(REQUEST, SETTINGS),
      kubernetesObjects({ ...REQUEST, hasStandIn: false }, { ...SETTINGS, runtimeClass: null }),
    ];

    for (const { job, policy } of forms) {
      expect(await validate('job', job)).toContain('passed for resource job/envarium-0001');
      expect(await validate('policy', policy)).toContain('passed for resource networkpolicy/envarium-0001');
    }
  });

  itWithClient(PROGRAM, INSTALLATION, 'refuses an object with a property that there is not', async () => {
    const { job } = kubernetesObjects(REQUEST, SETTINGS);
    const spec = {
      ...job.spec,
      template: { ...job.spec.template, spec: { ...job.spec.template.spec, hostUser: false } },
    };

    expect(await validate('job', { ...job, spec })).toMatch(/^refused: .*hostUser/s);
  });

  itWithClient(PROGRAM, INSTALLATION, 'takes the manifests of the resolver', async () => {
    const said = await runProgram(PROGRAM, ['--strict', '-k', '1.34', MANIFESTS], directory);

    expect(said.match(/ passed for resource /g)).toHaveLength(7);
  });
});
