import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type BuiltImage, digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseImageArgument } from '../../apps/cli/src/deposit/image-argument.js';
import { type OpenedImage, openImage } from '../../apps/cli/src/deposit/open-image.js';
import { itWithClient, runProgram } from './client-program.js';
import { sampleImage, writeArchive } from './sample-image.js';

const STORAGE = ['--root=root', '--runroot=runroot', '--storage-driver=vfs'];
const SKOPEO = 'apt-get install skopeo';
const PODMAN = 'apt-get install podman';
const BUILDAH = 'apt-get install buildah';

let directory: string;
let image: BuiltImage;
let other: BuiltImage;

const inside = (name: string): string => path.join(directory, name);
const run = (program: string, ...parameters: string[]): Promise<string> => runProgram(program, parameters, directory);
const skopeo = (...parameters: string[]): Promise<string> => run('skopeo', '--insecure-policy', 'copy', ...parameters);
const podman = (...parameters: string[]): Promise<string> =>
  run('podman', ...STORAGE, '--cgroup-manager=cgroupfs', ...parameters);

interface Read {
  readonly root: string;
  readonly isDigestDerived: boolean;
  readonly config: string;
  /** Digests of the layers as they lie in the archive. */
  readonly layers: readonly string[];
}

/** Opens an image as `envarium deposit --image` does, and reads every byte of it against its digest. */
async function read(argument: string): Promise<Read> {
  const parsed = parseImageArgument(argument.replace(':', `:${directory}/`), existsSync);
  if (parsed.kind === 'registry') throw new Error(argument);
  const opened: OpenedImage = await openImage(parsed);
  try {
    const { root, blobs, missing, isDigestDerived } = opened.image;
    for (const { digest } of blobs) for await (const chunk of opened.image.blob(digest)) void chunk;
    expect(missing).toEqual([]);
    expect(digestOf(root.bytes)).toBe(root.digest);
    const { config, layers } = JSON.parse(Buffer.from(root.bytes).toString()) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    return { root: root.digest, isDigestDerived, config: config.digest, layers: layers.map(({ digest }) => digest) };
  } finally {
    await opened.close();
  }
}

/** What each tool writes, and what we read of it: the archives that people have. */
describe('conformance/archives', () => {
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-archives-'));
    await writeFile(inside('config.json'), '{}');
    [image, other] = [await sampleImage('archives'), await sampleImage('other')];
    await writeArchive(image, inside('sample.tar'));
    await writeArchive(other, inside('other.tar'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const asItIs = (): Read => ({
    root: image.manifest.digest,
    isDigestDerived: false,
    config: image.config.descriptor.digest,
    layers: image.layers.map(({ descriptor }) => descriptor.digest),
  });
  /** Old archives hold config and uncompressed layers, but no image manifest. */
  const derived = () => ({
    isDigestDerived: true,
    config: image.config.descriptor.digest,
    layers: image.layers.map(({ diffId }) => diffId),
  });

  itWithClient('skopeo', SKOPEO, 'writes an oci-archive, a layout and a dir: whose digest stays', async () => {
    await skopeo('oci-archive:sample.tar:v1', 'oci-archive:skopeo-oci.tar:lab/eeg:v1');
    await skopeo('oci-archive:sample.tar:v1', 'oci:skopeo-layout:v1');
    await skopeo('oci-archive:sample.tar:v1', 'dir:skopeo-dir');

    for (const argument of [
      'oci-archive:skopeo-oci.tar',
      'oci-archive:skopeo-oci.tar:lab/eeg:v1',
      'docker-archive:skopeo-oci.tar',
      'oci:skopeo-layout:v1',
      'dir:skopeo-dir',
    ])
      expect(await read(argument), argument).toEqual(asItIs());
  });

  itWithClient(
    'skopeo',
    SKOPEO,
    'writes a docker-archive, whose parts are kept and whose name may be short',
    async () => {
      await skopeo('oci-archive:sample.tar:v1', 'docker-archive:skopeo-docker.tar:lab/eeg:v1');

      const [first, ...others] = await Promise.all(
        [
          'docker-archive:skopeo-docker.tar',
          'docker-archive:skopeo-docker.tar:docker.io/lab/eeg:v1',
          'docker-archive:skopeo-docker.tar:lab/eeg:v1',
          'docker-archive:skopeo-docker.tar:v1',
        ].map(read),
      );

      expect(first).toMatchObject(derived());
      for (const each of others) expect(each).toEqual(first);
      await expect(read('oci-archive:skopeo-docker.tar')).rejects.toMatchObject({
        detail: { reason: 'file-missing', path: 'oci-layout' },
      });
    },
  );

  itWithClient('skopeo', SKOPEO, 'writes zstd and zstd:chunked layers, which are kept as they are', async () => {
    for (const format of ['zstd', 'zstd:chunked']) {
      const name = format.replace(':', '-');
      await skopeo(
        `--dest-compress-format=${format}`,
        '--dest-compress',
        'oci-archive:sample.tar:v1',
        `oci:${name}:v1`,
      );

      const index = JSON.parse(await readFile(inside(`${name}/index.json`), 'utf8')) as {
        manifests: { digest: string }[];
      };
      expect(await read(`oci:${name}`)).toMatchObject({
        root: index.manifests[0]?.digest,
        config: image.config.descriptor.digest,
      });
    }
  });

  itWithClient('podman', PODMAN, 'saves in every format that it has', async () => {
    await podman('load', '--quiet', '--input=sample.tar');
    for (const format of ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir'])
      await podman('save', '--quiet', `--format=${format}`, `--output=podman-${format}`, 'lab/sample:v1');
    await podman('save', '--quiet', '--compress', '--format=docker-dir', '--output=podman-small', 'lab/sample:v1');
    await promisify(execFile)('gzip', ['--keep', 'podman-docker-archive'], { cwd: directory });

    for (const argument of [
      'docker-archive:podman-docker-archive',
      'docker-archive:podman-docker-archive:docker.io/lab/sample:v1',
      'docker-archive:podman-docker-archive:lab/sample:v1',
      'docker-archive:podman-docker-archive.gz',
    ])
      expect(await read(argument), argument).toMatchObject(derived());
    for (const argument of [
      'oci-archive:podman-oci-archive',
      'oci:podman-oci-dir',
      'dir:podman-docker-dir',
      'dir:podman-small',
    ])
      expect(await read(argument), argument).toMatchObject({
        isDigestDerived: false,
        config: image.config.descriptor.digest,
      });
  });

  itWithClient('podman', PODMAN, 'saves several images in one archive, of which one must be named', async () => {
    await podman('load', '--quiet', '--input=sample.tar');
    await podman('tag', 'lab/sample:v1', 'lab/one:v1');
    await podman('load', '--quiet', '--input=other.tar');
    await podman('tag', 'lab/sample:v1', 'lab/two:v2');
    await podman('save', '--quiet', '--multi-image-archive', '--output=several.tar', 'lab/one:v1', 'lab/two:v2');

    expect(await read('docker-archive:several.tar:lab/one:v1')).toMatchObject(derived());
    expect((await read('docker-archive:several.tar:v2')).config).toBe(other.config.descriptor.digest);
    await expect(read('docker-archive:several.tar')).rejects.toMatchObject({
      detail: {
        reason: 'several-images',
        images: [{ names: ['localhost/lab/one:v1'] }, { names: ['localhost/lab/two:v2'] }],
      },
    });
    await expect(read('docker-archive:several.tar:v3')).rejects.toMatchObject({
      detail: { reason: 'image-not-found' },
    });
  });

  itWithClient('buildah', BUILDAH, 'pushes into archives of both kinds', async () => {
    await writeFile(inside('analysis.py'), 'print(1)\n');
    const buildah = (...parameters: string[]): Promise<string> => run('buildah', ...STORAGE, ...parameters);
    const container = await buildah('from', 'scratch');
    await buildah('copy', container, 'analysis.py', '/analysis.py');
    const id = await buildah('commit', '--quiet', container);

    await buildah('push', '--digestfile=digest', id, 'oci-archive:buildah-oci.tar:v1');
    await buildah('push', id, 'docker-archive:buildah-docker.tar:lab/built:v1');

    const [oci, docker] = [await read('oci-archive:buildah-oci.tar'), await read('docker-archive:buildah-docker.tar')];
    expect(oci.root).toBe((await readFile(inside('digest'), 'utf8')).trim());
    expect(docker.config).toMatch(/^sha256:/);
    expect(docker.isDigestDerived).toBe(true);

    // Schema 1 is refused with the way out, and that is one.
    const old = await buildah('commit', '--quiet', '--format=docker', container);
    await buildah('push', '--format=v2s1', old, 'dir:schema1');
    await expect(read('dir:schema1')).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      detail: { reason: 'docker-schema-1' },
      remedy: expect.stringContaining('skopeo copy --format oci'),
    });
    await skopeo('--format=oci', 'dir:schema1', 'oci-archive:of-today.tar:v1');
    expect((await read('oci-archive:of-today.tar')).isDigestDerived).toBe(false);
  });

  describe('archives that a tool rewrote', () => {
    it('are read whatever GNU tar and bsd-like orders make of them', async () => {
      await mkdir(inside('unpacked'));
      await run('tar', '--extract', '--file=sample.tar', '--directory=unpacked');
      await run('tar', '--create', '--file=dotted.tar', '--directory=unpacked', '.');
      await run(
        'tar',
        '--create',
        '--format=gnu',
        '--file=gnu.tar',
        '--directory=unpacked',
        'manifest.json',
        'index.json',
        'oci-layout',
        'blobs',
      );

      expect(await read('oci-archive:dotted.tar')).toEqual(asItIs());
      expect(await read('docker-archive:gnu.tar')).toEqual(asItIs());
    });

    it('are refused when sparse, cut, or with links that lead out', async () => {
      await mkdir(inside('spoiled'));
      await run('tar', '--extract', '--file=sample.tar', '--directory=spoiled');
      const layer = `blobs/sha256/${(image.layers[0]?.descriptor.digest ?? '').slice('sha256:'.length)}`;
      await truncate(inside(`spoiled/${layer}`), 10 << 20);
      await run('tar', '--create', '--sparse', '--file=sparse.tar', '--directory=spoiled', '.');
      await expect(read('oci-archive:sparse.tar')).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });

      await rename(inside(`spoiled/${layer}`), inside('elsewhere'));
      await promisify(execFile)('ln', ['-s', '../../../elsewhere', inside(`spoiled/${layer}`)]);
      await run('tar', '--create', '--file=linked.tar', '--directory=spoiled', '.');
      await expect(read('oci-archive:linked.tar')).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });

      await writeFile(inside('cut.tar'), (await readFile(inside('sample.tar'))).subarray(0, 3000));
      await expect(read('oci-archive:cut.tar')).rejects.toMatchObject({ detail: { reason: 'truncated' } });
    });
  });
});
