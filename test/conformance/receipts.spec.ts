import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPublicKey, verifyReceipt } from '@envarium/attestation';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type ProvenSample, publishProven } from '../e2e/provenance-server.js';
import { startTestServer, type TestServer } from '../e2e/server-harness.js';
import { itWithClient, runProgram } from './client-program.js';

const INSTALLATION = 'go install oras.land/oras/cmd/oras@v1.2.3';

interface Discovered {
  readonly digest: string;
  readonly artifactType: string;
}

describe('conformance/receipts', () => {
  let server: TestServer;
  let sample: ProvenSample;
  let directory: string;
  const oras = (command: string, ...parameters: string[]): Promise<string> =>
    runProgram('oras', [command, '--plain-http', ...parameters], directory);
  const place = (reference: string): string => `${new URL(server.url).host}/lab/eeg${reference}`;
  const discover = async (reference: string): Promise<readonly Discovered[]> => {
    const found: unknown = JSON.parse(await oras('discover', '--format=json', place(reference)));
    return (found as { manifests: Discovered[] }).manifests;
  };

  beforeAll(async () => {
    server = await startTestServer();
    sample = await publishProven(server);
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-receipts-'));
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  itWithClient(
    'oras',
    INSTALLATION,
    'finds receipts beside the image, recipes and closures beside the record',
    async () => {
      const types = async (reference: string): Promise<Set<string>> =>
        new Set((await discover(reference)).map(({ artifactType }) => artifactType));

      expect(await types(':v1')).toEqual(
        new Set([
          'application/vnd.envarium.files.v1+json',
          'application/vnd.envarium.receipt.v1+json',
          'application/vnd.envarium.record.v1+json',
        ]),
      );
      expect(await types(':v1.record')).toEqual(
        new Set([
          'application/vnd.envarium.closure.v1+json',
          'application/vnd.envarium.link.v1+json',
          'application/vnd.envarium.recipe.v1+json',
        ]),
      );
    },
  );

  itWithClient('oras', INSTALLATION, 'pulls a receipt that holds with the public keys alone', async () => {
    const found = await discover(':v1');
    expect(found.map(({ digest }) => digest)).toContain(sample.rebuild.artifactDigest);

    await oras('pull', '--output=receipt', place(`@${sample.rebuild.artifactDigest}`));

    const bytes = await readFile(path.join(directory, 'receipt/receipt.dsse.json'));
    const { body } = await server.anonymous.get('keys').expect(200);
    const keys = body.items.map(({ pem }: { pem: string }) => readPublicKey(pem));
    expect(digestOf(bytes)).toBe(sample.rebuild.envelopeDigest);
    expect(verifyReceipt(bytes, keys, sample.version.imageDigest ?? '').predicate).toEqual(sample.rebuildPredicate);
  });

  itWithClient(
    'oras',
    INSTALLATION,
    'takes image, record and whole paper trail along to a place of its own',
    async () => {
      await runProgram(
        'oras',
        ['cp', '-r', '--from-plain-http', '--to-oci-layout', place(':v1'), 'kept:v1'],
        directory,
      );

      const kept: unknown = JSON.parse(
        await runProgram('oras', ['discover', '--oci-layout', '--format=json', 'kept:v1'], directory),
      );
      expect(JSON.stringify(kept)).toContain(sample.rebuild.artifactDigest);
      const closure = path.join(directory, 'kept/blobs/sha256', sample.closure.artifactDigest.slice('sha256:'.length));
      expect(digestOf(await readFile(closure))).toBe(sample.closure.artifactDigest);
    },
  );
});
