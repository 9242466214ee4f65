import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BuiltImage, OCI_IMAGE_INDEX } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RestClient } from '../e2e/rest-client.js';
import { startTestServer, type TestServer } from '../e2e/server-harness.js';
import { itWithClient, runProgram } from './client-program.js';
import { sampleImage } from './sample-image.js';

const PODMAN_STORAGE = ['--root=root', '--runroot=runroot', '--storage-driver=vfs', '--cgroup-manager=cgroupfs'];
const CRANE = 'go install github.com/google/go-containerregistry/cmd/crane@latest';

let server: TestServer;
let lab: RestClient;
let directory: string;

const inside = (name: string): string => path.join(directory, name);
const run = (program: string, ...parameters: string[]): Promise<string> => runProgram(program, parameters, directory);
const skopeo = (...parameters: string[]): Promise<string> => run('skopeo', '--insecure-policy', ...parameters);

async function pushImage(image: BuiltImage, reference: string): Promise<void> {
  for (const { content } of image.blobs) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content()) chunks.push(Buffer.from(chunk));
    await lab.pushBlob('lab/eeg', Buffer.concat(chunks));
  }
  const { mediaType, bytes } = image.manifest;
  await lab.pushManifest('lab/eeg', reference, mediaType, Buffer.from(bytes).toString()).expect(201);
}

async function download(reference: string, file: string, query = ''): Promise<void> {
  const url = `${server.url}/api/v1/repositories/lab%2Feeg/images/${reference}/image.tar${query}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${lab.token ?? ''}` } });
  await writeFile(inside(file), Buffer.from(await answer.arrayBuffer()));
}

/** Digest of the only image that a layout lists. */
async function rootOf(layout: string): Promise<string> {
  const { manifests } = JSON.parse(await readFile(inside(`${layout}/index.json`), 'utf8')) as {
    manifests: { digest: string }[];
  };
  expect(manifests).toHaveLength(1);
  return manifests[0]?.digest ?? '';
}

/** The tar that the service gives, in the hands of those who shall load it. */
describe('conformance/image-tar', () => {
  let amd64: BuiltImage;
  let arm64: BuiltImage;
  let index: string;

  beforeAll(async () => {
    server = await startTestServer();
    lab = await server.account('ana', { lab: 'depositor' });
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-image-tar-'));
    await writeFile(inside('config.json'), '{}');
    [amd64, arm64] = [await sampleImage('amd64'), await sampleImage('arm64', 'arm64')];
    await pushImage(amd64, 'v1');
    await pushImage(arm64, 'arm');
    const manifests = [
      { ...amd64.manifest.descriptor, platform: { os: 'linux', architecture: 'amd64' } },
      { ...arm64.manifest.descriptor, platform: { os: 'linux', architecture: 'arm64' } },
    ];
    const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests });
    const { headers } = await lab.pushManifest('lab/eeg', 'both', OCI_IMAGE_INDEX, text).expect(201);
    index = String(headers['docker-content-digest']);
    await download('v1', 'image.tar');
    await download('both', 'both.tar');
    await download('both', 'arm64.tar', '?platform=linux/arm64');
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  itWithClient('skopeo', 'apt-get install skopeo', 'copies it out of oci-archive under the same digest', async () => {
    await skopeo('copy', '--preserve-digests', 'oci-archive:image.tar:v1', 'oci:from-oci:v1');

    expect(await rootOf('from-oci')).toBe(amd64.manifest.digest);
  });

  itWithClient('skopeo', 'apt-get install skopeo', 'finds config and layers through docker-archive', async () => {
    for (const reference of ['docker-archive:image.tar', 'docker-archive:image.tar:lab/eeg:v1']) {
      const raw = JSON.parse(await skopeo('inspect', '--raw', reference)) as {
        config: { digest: string };
        layers: { digest: string }[];
      };
      expect(raw.config.digest).toBe(amd64.config.descriptor.digest);
      expect(raw.layers.map(({ digest }) => digest)).toEqual(amd64.layers.map(({ diffId }) => diffId));
    }
    // Reading all of it proves the layers against their diffIDs.
    await skopeo('copy', 'docker-archive:image.tar', 'dir:from-docker');
  });

  itWithClient('skopeo', 'apt-get install skopeo', 'copies all platforms of an index, digests unchanged', async () => {
    await skopeo('copy', '--all', '--preserve-digests', 'oci-archive:both.tar:both', 'oci:all:both');

    expect(await rootOf('all')).toBe(index);
    const listed = JSON.parse(await skopeo('inspect', '--raw', 'oci:all:both')) as { manifests: { digest: string }[] };
    expect(listed.manifests.map(({ digest }) => digest)).toEqual([amd64.manifest.digest, arm64.manifest.digest]);
  });

  itWithClient('skopeo', 'apt-get install skopeo', 'finds the one platform that was asked for, both ways', async () => {
    await skopeo('copy', '--preserve-digests', 'oci-archive:arm64.tar:both', 'oci:one:both');

    expect(await rootOf('one')).toBe(arm64.manifest.digest);
    const raw = JSON.parse(await skopeo('inspect', '--raw', 'docker-archive:arm64.tar')) as {
      config: { digest: string };
    };
    expect(raw.config.digest).toBe(arm64.config.descriptor.digest);
  });

  itWithClient(
    'podman',
    'apt-get install podman',
    'loads it under its name, with the digest that is cited',
    async () => {
      const podman = (...parameters: string[]): Promise<string> => run('podman', ...PODMAN_STORAGE, ...parameters);

      expect(await podman('load', '--input=image.tar')).toContain('docker.io/lab/eeg:v1');

      const format = '--format={{.Id}} {{.Digest}}';
      expect(await podman('image', 'inspect', format, 'lab/eeg:v1')).toBe(
        `${amd64.config.descriptor.digest.slice('sha256:'.length)} ${amd64.manifest.digest}`,
      );
      expect(await podman('load', '--input=both.tar')).toContain('docker.io/lab/eeg:both');
    },
  );

  itWithClient('podman', 'apt-get install podman', 'pulls it as docker-archive and as oci-archive', async () => {
    const podman = (...parameters: string[]): Promise<string> => run('podman', ...PODMAN_STORAGE, ...parameters);
    const id = amd64.config.descriptor.digest.slice('sha256:'.length);

    expect(await podman('pull', '--quiet', 'docker-archive:image.tar')).toBe(id);
    expect(await podman('pull', '--quiet', 'oci-archive:image.tar:v1')).toBe(id);
  });

  itWithClient('umoci', 'apt-get install umoci', 'unpacks the layout in it', async () => {
    await mkdir(inside('layout'));
    await run('tar', '--extract', '--file=image.tar', '--directory=layout');

    await run('umoci', 'unpack', '--rootless', '--image=layout:v1', 'bundle');

    expect(await readFile(inside('bundle/rootfs/analysis.R'), 'utf8')).toBe('# amd64\nplot(1)\n');
    expect(await readFile(inside('bundle/rootfs/etc/os-release'), 'utf8')).toContain('ID=debian');
  });

  /** The library with which Apptainer reads a docker-archive. */
  itWithClient('crane', CRANE, 'finds nothing wrong with it', async () => {
    for (const file of ['image.tar', 'both.tar', 'arm64.tar']) await run('crane', 'validate', '--tarball', file);
  });
});
