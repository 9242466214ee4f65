import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { podManifest } from './pod-manifest.js';

const REFERENCE = `envarium.example.org:5080/lab/eeg_analysis@sha256:${'a'.repeat(64)}`;

describe('resolution/pod-manifest', () => {
  it('runs the image by digest, without a token of the cluster, without privileges, within limits', () => {
    expect(parse(podManifest(REFERENCE, 'lab/eeg_analysis'))).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'env-lab-eeg-analysis' },
      spec: {
        automountServiceAccountToken: false,
        restartPolicy: 'Never',
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'environment',
            image: REFERENCE,
            stdin: true,
            tty: true,
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            resources: {
              requests: { cpu: '1', memory: '2Gi' },
              limits: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '8Gi' },
            },
          },
        ],
      },
    });
  });

  it.each([
    ['lab/a.b__c', 'env-lab-a-b-c'],
    [`lab/${'x'.repeat(200)}`, `env-lab-${'x'.repeat(55)}`],
    [`${'y'.repeat(58)}/z`, `env-${'y'.repeat(58)}`],
  ])('names the Pod of %s as Kubernetes allows', (repository, name) => {
    expect(parse(podManifest(REFERENCE, repository)).metadata.name).toBe(name);
  });
});
