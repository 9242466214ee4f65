import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { describeClient } from './client-program.js';

const INSTALLATION = 'go install github.com/opencontainers/distribution-spec/conformance@latest';

/** Where `.ci/run` keeps what a test run leaves to read. */
const KEPT = path.resolve(import.meta.dirname, '../../test-results/conformance');

async function keepResults(edition: string, results: string): Promise<void> {
  await mkdir(KEPT, { recursive: true });
  await cp(results, path.join(KEPT, edition), { recursive: true, force: true });
}

/** The suite of the specification itself: https://github.com/opencontainers/distribution-spec/tree/main/conformance */
describeClient('conformance', INSTALLATION, (setting) => {
  it.each([
    ['1.1', 'conformance/released', 'conformance/released-mounts'],
    ['dev', 'conformance/next', 'conformance/next-mounts'],
  ])('passes the suite of edition %s', async (edition, repository, mountSource) => {
    const { registry, run, directory } = setting();

    const report = await run([], {
      OCI_REGISTRY: registry.host,
      OCI_TLS: 'disabled',
      OCI_VERSION: edition,
      OCI_REPO1: repository,
      OCI_REPO2: mountSource,
      OCI_USERNAME: 'admin',
      OCI_PASSWORD: registry.admin.credentials?.secret ?? '',
    });

    await keepResults(edition, path.join(directory, 'results'));
    expect(report).toMatch(/FAIL\.+: +0\n/);
    expect(report).toMatch(/Error\.+: +0\n/);
    expect(Number(/Pass\.+: +(\d+)/.exec(report)?.[1])).toBeGreaterThan(840);
    // A token of some repositories mounts nothing that is named without its repository: policy, which counts as skipped.
    const skipped = [...report.matchAll(/^ *OCI Conformance Test\/(.+): Skip$/gm)].map((match) => match[1]);
    expect(skipped).toEqual([
      'sha256 blobs/mount anonymous/blob-mount-anonymous',
      'sha512 blobs/mount anonymous/blob-mount-anonymous',
    ]);
  });
});
