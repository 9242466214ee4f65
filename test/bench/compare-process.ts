import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { compareImages, decodeFileList, type ImageInput, listFiles } from '@envarium/comparison';
import { parseDigest } from '@envarium/oci';

/*
 * node compare-process.js DIRECTORY: reads the image there, compares it with the list there, and tells the parent. A process
 * of its own, so that the memory is that of the comparison alone.
 */
export interface CompareRun {
  readonly seconds: number;
  /** Of all threads: what it takes on a machine that does nothing else is not more than this. */
  readonly cpuSeconds: number;
  readonly peakMemory: number;
  readonly entries: number;
  /** Bytes of all files. */
  readonly size: number;
  readonly grade: string;
}

/** What the parent writes beside the blobs. */
export interface ImageOnDisk {
  readonly manifestDigest: string;
  readonly layers: readonly { readonly digest: string; readonly mediaType: string; readonly size: number }[];
}

const READ_SIZE = 256 * 1024;

export async function imageIn(directory: string): Promise<ImageInput> {
  const { manifestDigest, layers }: ImageOnDisk = JSON.parse(
    await readFile(path.join(directory, 'image.json'), 'utf8'),
  );
  return {
    manifestDigest: parseDigest(manifestDigest),
    config: await readFile(path.join(directory, 'config.json')),
    layers: layers.map(({ digest, mediaType, size }) => ({
      digest: parseDigest(digest),
      mediaType,
      size,
      open: () => createReadStream(path.join(directory, digest), { highWaterMark: READ_SIZE }),
    })),
  };
}

async function compare(directory: string): Promise<CompareRun> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const after = await listFiles(await imageIn(directory));
  const before = await decodeFileList(createReadStream(path.join(directory, 'files.jsonl.gz')));
  const { grade } = compareImages(before, after);
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMemory: process.resourceUsage().maxRSS * 1024,
    entries: after.entries.length,
    size: after.size,
    grade,
  };
}

const [directory] = process.argv.slice(2);
if (process.send !== undefined && directory !== undefined) process.send(await compare(directory));
