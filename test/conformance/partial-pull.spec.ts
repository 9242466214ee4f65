import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildImage, buildLayer, type BuiltImage, type TarInput } from '@envarium/oci';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeClient, isInstalled, runProgram } from './client-program.js';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.js';
import { writeArchive } from './sample-image.js';

interface File {
  readonly name: string;
  readonly bytes: Buffer;
}

const FILE_SIZE = 50_000;

/** Pulls in part only onto this driver, and only when told to. */
const storageConf = (directory: string): string => `[storage]
driver = "overlay"
graphroot = "${directory}/graph"
runroot = "${directory}/run"
[storage.options]
pull_options = {enable_partial_images = "true", use_hard_links = "false", ostree_repos = ""}
`;

async function imageOf(files: readonly File[]): Promise<BuiltImage> {
  const entries = files.map(({ name, bytes }): TarInput => ({ path: name, size: bytes.length, body: bytes }));
  return buildImage({ layers: [await buildLayer(entries)], config: { architecture: 'amd64', os: 'linux' } });
}

describeClient('podman', 'apt-get install podman', (setting) => {
  let proxy: RecordingProxy;
  let isPossible = false;
  const podman = (...parameters: string[]): Promise<string> =>
    setting().run(parameters, { CONTAINERS_STORAGE_CONF: path.join(setting().directory, 'storage.conf') });

  beforeAll(async () => {
    const { directory, registry } = setting();
    proxy = await startRecordingProxy(registry.host);
    await writeFile(path.join(directory, 'storage.conf'), storageConf(directory));
    // Overlay mounts need rights that not every machine gives.
    isPossible =
      isInstalled('skopeo') &&
      (await podman('info').then(
        () => true,
        () => false,
      ));
  });
  afterAll(async () => await proxy.stop());

  it('pulls of a zstd:chunked layer the files that it lacks, several in one request', async ({ skip }) => {
    if (!isPossible) return skip('needs skopeo, and a kernel that lets podman mount overlays');
    const { directory, registry, name, secret } = setting();
    const before = Array.from({ length: 30 }, (_, index): File => ({
      name: `file-${index}`,
      bytes: randomBytes(FILE_SIZE),
    }));
    const after = before.map((file, index) => (index % 3 === 0 ? { ...file, bytes: randomBytes(FILE_SIZE) } : file));
    for (const [tag, files] of [
      ['before', before],
      ['after', after],
    ] as const) {
      await writeArchive(await imageOf(files), path.join(directory, `${tag}.tar`));
      const options = ['--dest-compress-format=zstd:chunked', '--dest-compress', '--dest-tls-verify=false'];
      const [from, to] = [`oci-archive:${tag}.tar`, `docker://${registry.host}/lab/chunked:${tag}`];
      const parameters = ['--insecure-policy', 'copy', ...options, `--dest-creds=${name}:${secret}`, from, to];
      await runProgram('skopeo', parameters, directory);
    }
    const pull = (tag: string) =>
      podman('pull', '--quiet', '--tls-verify=false', `--creds=${name}:${secret}`, `${proxy.host}/lab/chunked:${tag}`);
    await pull('before');
    proxy.exchanges.length = 0;

    await pull('after');

    const parts = proxy.exchanges.filter(({ range }) => range !== null);
    const several = parts.find(({ range }) => range?.includes(','));
    expect(parts.map(({ status }) => status)).toEqual([206, 206]);
    expect(several?.contentType).toBe('multipart/byteranges');
    expect(several?.range?.split(',')).toHaveLength(10);
    expect(several?.length).toBeLessThan(11 * FILE_SIZE);
    const root = await podman('image', 'mount', `${proxy.host}/lab/chunked:after`);
    for (const { name: file, bytes } of after) {
      expect((await readFile(path.join(root, file))).equals(bytes), file).toBe(true);
    }
    await podman('image', 'unmount', '--all');
  });
});
