import { describe, expect, it } from 'vitest';
import { KubernetesApi } from './kubernetes-api.js';

describe('sandbox/kubernetes/kubernetes-api', () => {
  it('sends no token over an open line', () => {
    expect(() => new KubernetesApi({ server: new URL('http://10.0.0.1:6443'), ca: null, token: null })).toThrow(
      'the configuration is not valid',
    );
  });
});
