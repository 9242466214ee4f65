import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FileEntry, type ImageInput, listFiles } from '@envarium/comparison';
import {
  blobPath,
  type BuiltImage,
  buildImage,
  buildLayer,
  ImageIndex,
  ImageManifest,
  OCI_LAYOUT,
  type TarInput,
} from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled, runProgram } from './client-program.js';

/*
 * The files that we say an image has are those that an unmodified program unpacks from it: every entry, every attribute,
 * read back from the disk by a third one.
 */
const NEEDED = ['buildah', 'umoci', 'python3'];
const missing = NEEDED.filter((program) => !isInstalled(program));

/** First layer: one of everything. */
const BASE = String.raw`
import os, sys
root = sys.argv[1].encode()
at = lambda *names: os.path.join(root, *names)
def put(name, content=b'x', mode=0o644):
    os.makedirs(os.path.dirname(at(name)), exist_ok=True)
    with open(at(name), 'wb') as file: file.write(content)
    os.chmod(at(name), mode)
put(b'etc/os-release', b'ID=debian\n')
put(b'usr/bin/tool', b'#!/bin/sh\n', 0o4755)
put(b'usr/bin/ping', b'ping', 0o755)
os.setxattr(at(b'usr/bin/ping'), 'security.capability', bytes.fromhex('0100000200200000000000000000000000000000'))
put(b'usr/bin/odd', b'odd')
os.setxattr(at(b'usr/bin/odd'), 'security.capability', bytes.fromhex('01000002ff80fe00c3280000fdff0a3d00ff0000'))
put(b'gone/file'); put(b'gone/deep/er/file'); put(b'kept/stays'); put(b'kept/leaves')
put(b'opaque/old'); put(b'opaque/sub/old'); put(b'becomes-link/inside/file'); put(b'becomes-directory')
put(b'becomes-fifo'); put(b'linked/first', b'shared content'); os.link(at(b'linked/first'), at(b'linked/second'))
put('Größe/データ'.encode()); put(b'latin1/caf\xe9', b'not utf-8')
put(b'long/' + b'd' * 120 + b'/' + b'f' * 200); put(b'empty', b''); put(b'big', os.urandom(3000000))
os.symlink(b'../usr/bin/tool', at(b'etc/link')); os.symlink(b'na\xefve', at(b'etc/raw-link'))
os.mkfifo(at(b'pipe'), 0o600); os.mknod(at(b'null'), 0o020666, os.makedev(1, 3))
os.chown(at(b'kept/stays'), 1000, 70000); os.mkdir(at(b'tmp')); os.chmod(at(b'tmp'), 0o1777)
os.utime(at(b'etc/os-release'), ns=(0, 1234567890123456789)); os.utime(at(b'kept/stays'), ns=(0, 987654321000000000))
`;

/** Second layer: everything that can happen to them. */
const CHANGE = String.raw`
import os, shutil, sys
root = sys.argv[1].encode()
at = lambda *names: os.path.join(root, *names)
os.unlink(at(b'kept/leaves')); shutil.rmtree(at(b'gone'))
shutil.rmtree(at(b'opaque')); os.mkdir(at(b'opaque')); open(at(b'opaque/new'), 'w').close()
shutil.rmtree(at(b'becomes-link')); os.symlink(b'kept', at(b'becomes-link'))
os.unlink(at(b'becomes-directory')); os.mkdir(at(b'becomes-directory')); open(at(b'becomes-directory/file'), 'w').close()
os.unlink(at(b'becomes-fifo')); os.mkfifo(at(b'becomes-fifo'))
os.chmod(at(b'usr/bin/tool'), 0o700); os.chown(at(b'etc'), 5, 6)
os.link(at(b'linked/second'), at(b'linked/third'))
`;

/** Tells what lies below a directory: a line of JSON for each entry, bytes as hex. */
const WALK = String.raw`
import hashlib, json, os, stat, sys
root = os.fsencode(sys.argv[1])
TYPES = {stat.S_IFREG: 'file', stat.S_IFDIR: 'directory', stat.S_IFLNK: 'symlink', stat.S_IFIFO: 'fifo',
         stat.S_IFCHR: 'character-device', stat.S_IFBLK: 'block-device'}
def tell(path):
    found = os.lstat(path); kind = TYPES[stat.S_IFMT(found.st_mode)]
    print(json.dumps({
        'path': os.path.relpath(path, root).hex(), 'type': kind, 'mode': found.st_mode & 0o7777,
        'uid': found.st_uid, 'gid': found.st_gid, 'size': found.st_size if kind == 'file' else 0,
        'sha256': hashlib.sha256(open(path, 'rb').read()).hexdigest() if kind == 'file' else None,
        'target': os.readlink(path).hex() if kind == 'symlink' else None,
        'device': '%d:%d' % (os.major(found.st_rdev), os.minor(found.st_rdev)) if kind.endswith('device') else None,
        'xattrs': [[name, os.getxattr(path, name, follow_symlinks=False).hex()]
                   for name in sorted(os.listxattr(path, follow_symlinks=False))],
        'mtime': str(found.st_mtime_ns)}))
for directory, directories, files in os.walk(root):
    for name in directories + files: tell(os.path.join(directory, name))
`;

describe('conformance/file-list', () => {
  if (missing.length > 0) {
    it(`SKIPPED: ${missing.join(', ')} not installed; apt-get install ${missing.join(' ')}`, ({ skip }) => skip());
    return;
  }
  let directory: string;
  const run = (program: string, ...parameters: string[]): Promise<string> => runProgram(program, parameters, directory);
  const python = (script: string, ...parameters: string[]): Promise<string> =>
    run('python3', '-c', script, ...parameters);

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-file-list-'));
    await writeFile(path.join(directory, 'config.json'), '{}');
  });
  afterAll(async () => {
    await run('buildah', ...STORAGE, 'rm', '--all').catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  });

  const STORAGE = ['--root=root', '--runroot=runroot', '--storage-driver=overlay'];

  async function unpacked(layout: string): Promise<ReadonlyMap<string, unknown>> {
    await run('umoci', 'unpack', '--image', `${layout}:v1`, `${layout}-bundle`);
    const lines = (await python(WALK, path.join(directory, `${layout}-bundle/rootfs`))).split('\n');
    const entries = lines.map((line): { path: string } => JSON.parse(line));
    return new Map(entries.map((entry) => [entry.path, entry]));
  }

  async function listed(layout: string): Promise<ReadonlyMap<string, unknown>> {
    const { entries } = await listFiles(await imageOfLayout(path.join(directory, layout)));
    return new Map(entries.filter((entry) => entry.path !== '.').map((entry) => [hex(entry.path), inWalkWords(entry)]));
  }

  it('says of an image of buildah exactly what umoci unpacks from it', async ({ skip }) => {
    const buildah = (...parameters: string[]): Promise<string> => run('buildah', ...STORAGE, ...parameters);
    const first = await buildah('from', 'scratch').catch(() => null);
    if (first === null) return skip('buildah cannot make overlay containers here');
    await python(BASE, await buildah('mount', first));
    const base = await buildah('commit', '--quiet', first);
    const second = await buildah('from', base);
    await python(CHANGE, await buildah('mount', second));
    await buildah('push', await buildah('commit', '--quiet', second), 'oci:built:v1');

    const ours = await listed('built');

    expect(ours).toEqual(await unpacked('built'));
    expect(ours.size).toBe(33);
    expect(ours.has(hex('opaque/old'))).toBe(false);
    expect(ours.get(hex('linked/third'))).toMatchObject({ type: 'file', size: 14 });
    expect(ours.get(hex('usr/bin/odd'))).toMatchObject({
      xattrs: [['security.capability', '01000002ff80fe00c3280000fdff0a3d00ff0000']],
    });
  });

  it('agrees with umoci on whiteouts wherever in a layer they stand', async () => {
    const layers: TarInput[][] = [
      [dir('d/'), file('d/low'), dir('d/sub/'), file('d/sub/low'), dir('e/'), file('e/low'), file('f')],
      [
        dir('d/'),
        file('d/high'),
        file('d/.wh..wh..opq'),
        dir('d/sub/'),
        file('d/sub/high'),
        file('.wh.e'),
        file('.wh.f'),
      ],
      [file('./g'), { path: 'h', type: 'hardlink', linkname: './g' }, dir('e'), file('e/again'), file('d/.wh.high')],
    ];
    const image = buildImage({
      layers: await Promise.all(layers.map(buildLayer)),
      config: { architecture: 'amd64', os: 'linux' },
    });
    await writeLayout(image, path.join(directory, 'written'));

    const ours = await listed('written');

    expect(ours).toEqual(await unpacked('written'));
    expect([...ours.keys()].map((name) => Buffer.from(name, 'hex').toString()).toSorted()).toEqual([
      'd',
      'd/sub',
      'd/sub/high',
      'e',
      'e/again',
      'g',
      'h',
    ]);
  });
});

function inWalkWords(entry: FileEntry): unknown {
  const { type, mode, uid, gid, size, sha256, target, device, xattrs, mtime } = entry;
  return {
    path: hex(entry.path),
    type,
    mode,
    uid,
    gid,
    size,
    sha256,
    target: target === null ? null : hex(target),
    device,
    xattrs: xattrs.map(([name, value]) => [name, Buffer.from(value, 'base64').toString('hex')]),
    mtime: nanoseconds(mtime),
  };
}

function nanoseconds(seconds: string): string {
  const [whole = '0', fraction = ''] = seconds.split('.');
  return String(BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0')));
}

function hex(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex');
}

async function imageOfLayout(layout: string): Promise<ImageInput> {
  const index = ImageIndex.parse(JSON.parse(await readFile(path.join(layout, 'index.json'), 'utf8')));
  const { digest } = index.manifests![0]!;
  const manifest = ImageManifest.parse(JSON.parse(await readFile(path.join(layout, blobPath(digest)), 'utf8')));
  return {
    manifestDigest: digest,
    config: await readFile(path.join(layout, blobPath(manifest.config.digest))),
    layers: manifest.layers!.map((layer) => ({
      ...layer,
      open: () => createReadStream(path.join(layout, blobPath(layer.digest))),
    })),
  };
}

async function writeLayout(image: BuiltImage, layout: string): Promise<void> {
  await mkdir(path.join(layout, 'blobs/sha256'), { recursive: true });
  for (const { descriptor, content } of image.blobs) {
    await writeFile(path.join(layout, blobPath(descriptor.digest)), content());
  }
  const { descriptor, bytes } = image.manifest;
  await writeFile(path.join(layout, blobPath(descriptor.digest)), bytes);
  await writeFile(path.join(layout, 'oci-layout'), OCI_LAYOUT);
  const named = { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': 'v1' } };
  await writeFile(path.join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
}

function file(name: string): TarInput {
  const body = Buffer.from(`content of ${name}`);
  return { path: name, size: body.length, body };
}

function dir(name: string): TarInput {
  return { path: name, type: 'directory' };
}
