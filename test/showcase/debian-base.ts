import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  buildImage,
  type BuiltLayer,
  type Digest,
  OCI_LAYER_TAR_GZIP,
  ociArchiveEntries,
  parseDigest,
  tarEntries,
} from '@envarium/oci';
import type { Processes } from '../demo/processes.js';

/** 1 January 2026: the base is the same whenever it is made from the same packages. */
const EPOCH = '1767225600';
const INCLUDED = 'ca-certificates';

/**
 * Makes a minimal Debian with mmdebstrap, from the package sources of this machine.
 * @returns the archive of the image
 */
export async function makeDebianBase(processes: Processes, directory: string): Promise<string> {
  const tar = path.join(directory, 'base.tar');
  const { suite, mirror } = await packageSource();
  const { code, stderr } = await processes.run(
    'env',
    [`SOURCE_DATE_EPOCH=${EPOCH}`, 'mmdebstrap', '--variant=minbase', `--include=${INCLUDED}`, suite, tar, mirror],
    directory,
  );
  if (code !== 0) throw new Error(`mmdebstrap ended with ${code}\n${stderr}`);
  const compressed = `${tar}.gz`;
  await pipeline(createReadStream(tar), createGzip({ level: 6 }), createWriteStream(compressed));
  const layer: BuiltLayer = {
    descriptor: {
      mediaType: OCI_LAYER_TAR_GZIP,
      digest: await digestOfFile(compressed),
      size: (await stat(compressed)).size,
    },
    diffId: await digestOfFile(tar),
    content: () => createReadStream(compressed),
  };
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const image = buildImage({
    layers: [layer],
    config: {
      architecture,
      os: 'linux',
      created: new Date(Number(EPOCH) * 1000).toISOString(),
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        Cmd: ['bash'],
      },
    },
  });
  const archive = path.join(directory, 'base.oci.tar');
  await pipeline(tarEntries(ociArchiveEntries(image)), createWriteStream(archive));
  return archive;
}

/** What apt uses here, in either form of its lists. */
async function packageSource(): Promise<{ suite: string; mirror: string }> {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const mirror = /^(?:URIs:|deb)\s+(?:\[.*\]\s+)?(?<mirror>https?:\/\/\S+)/m.exec(text)?.groups?.['mirror'];
    const suite = /^(?:Suites:|deb\s+\S+)\s+(?<suite>[a-z]+)/m.exec(text)?.groups?.['suite'];
    if (mirror !== undefined && suite !== undefined) return { suite, mirror };
  }
  throw new Error('no package source of Debian is configured on this machine');
}

async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return parseDigest(`sha256:${hash.digest('hex')}`);
}
