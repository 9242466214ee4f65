import { Outbound } from '@envarium/outbound';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '@envarium/testing';
import { OutboundUpstream } from '@envarium/upstream';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { OciRegistryClientUpstream } from '../../libs/upstream/src/oci-registry-client.upstream.js';
import { startRegistry, type TestRegistry } from '../e2e/oci-harness.js';
import { describeManifestSource, describeUpstreamRegistry } from './upstream-registry.suite.js';

const open = (host: string): Outbound => new Outbound({ allow: [host], userAgent: 'test' });

/** The port on real registries: one without referrers and without login, and our own with both. */
describe('conformance/upstream-registry', () => {
  describe('docker-registry', () => {
    if (!hasDockerRegistry()) {
      it('SKIPPED: docker-registry is not installed; apt-get install docker-registry', ({ skip }) => skip());
      return;
    }
    let registry: DockerRegistry;
    let outbound: Outbound;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      outbound = open(registry.host);
    });
    afterAll(async () => {
      await outbound.close();
      await registry.stop();
    });
    const at = (repository: string) => ({ url: `http://${registry.host}`, authorization: null, repository });

    describeUpstreamRegistry('outbound', () => ({
      ...at('lab/outbound'),
      upstream: new OutboundUpstream(outbound, { host: registry.host, repository: 'lab/outbound', credentials: null }),
    }));
    describeManifestSource('oci-registry-client', () => ({
      ...at('lab/package'),
      upstream: new OciRegistryClientUpstream(registry.host, 'lab/package', null, 'http'),
    }));
  });

  describe('Envarium', () => {
    let registry: TestRegistry;
    let outbound: Outbound;
    let credentials: { username: string; password: string };
    beforeAll(async () => {
      registry = await startRegistry();
      outbound = open(registry.host);
      const { credentials: account } = await registry.account('ana', 'depositor', 'lab');
      credentials = { username: 'ana', password: account?.secret ?? '' };
    });
    afterAll(async () => {
      await outbound.close();
      await registry.stop();
    });
    const at = (repository: string) => ({
      url: `http://${registry.host}`,
      authorization: `Basic ${Buffer.from(`ana:${credentials.password}`).toString('base64')}`,
      repository,
    });

    describeUpstreamRegistry('outbound', () => ({
      ...at('lab/outbound'),
      upstream: new OutboundUpstream(outbound, { host: registry.host, repository: 'lab/outbound', credentials }),
    }));
    describeManifestSource('oci-registry-client', () => ({
      ...at('lab/package'),
      upstream: new OciRegistryClientUpstream(registry.host, 'lab/package', credentials, 'http'),
    }));
  });
});
