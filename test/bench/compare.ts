import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, lstat, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { encodeFileList, listFiles } from '@envarium/comparison';
import { buildImage, buildLayer, type BuiltImage, type TarInput } from '@envarium/oci';
import type { CompareRun, ImageOnDisk } from './compare-process.js';
import { imageIn } from './compare-process.js';
import type { Finding } from './registry/finding.js';
import { lineOfFinding } from './registry/report.js';
import { median } from './statistics.js';

/*
 * npm run bench:compare [-- --mb 250 --layers 3 --from /usr/share --runs 5 --json FILE]: how long it takes to compare an image with
 * the list of its files, and how much memory. The image is made of files of this machine.
 */
const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '250' },
    layers: { type: 'string', default: '3' },
    from: { type: 'string', default: '/usr/share' },
    runs: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
const MB = 1e6;
const BAR_SECONDS = 3;
const BAR_MEMORY = 200 * MB;

/** Files, directories and links below a directory, in the order of their names, until there are enough bytes. */
async function* membersBelow(directory: string, left: { bytes: number }): AsyncGenerator<TarInput, void, undefined> {
  for (const name of (await readdir(directory)).toSorted()) {
    if (left.bytes <= 0) return;
    const file = path.join(directory, name);
    const found = await lstat(file);
    const { mode, mtimeMs, size } = found;
    const header = { path: file.slice(1), mode: mode & 0o7777, mtime: Math.floor(mtimeMs / 1000) };
    if (found.isDirectory()) {
      yield { ...header, type: 'directory' };
      yield* membersBelow(file, left);
    } else if (found.isSymbolicLink()) yield { ...header, type: 'symlink', linkname: await readlink(file) };
    else if (found.isFile()) {
      left.bytes -= size;
      yield { ...header, size, body: () => createReadStream(file) };
    }
  }
}

async function makeImage(): Promise<BuiltImage> {
  const members: TarInput[] = [];
  for await (const member of membersBelow(options.from, { bytes: Number(options.mb) * MB })) members.push(member);
  const share = Math.ceil(members.length / Number(options.layers));
  const parts = Array.from({ length: Number(options.layers) }, (_, i) => members.slice(i * share, (i + 1) * share));
  const layers = await Promise.all(parts.map(buildLayer));
  return buildImage({ layers, config: { architecture: 'amd64', os: 'linux' } });
}

async function writeImage(image: BuiltImage, directory: string): Promise<void> {
  for (const { descriptor, content } of image.layers) {
    await pipeline(Readable.from(content()), createWriteStream(path.join(directory, descriptor.digest)));
  }
  await pipeline(Readable.from(image.config.content()), createWriteStream(path.join(directory, 'config.json')));
  const layers = image.layers.map(({ descriptor: { digest, mediaType, size } }) => ({ digest, mediaType, size }));
  const onDisk: ImageOnDisk = { manifestDigest: image.manifest.descriptor.digest, layers };
  await writeFile(path.join(directory, 'image.json'), JSON.stringify(onDisk));
  const listing = await listFiles(await imageIn(directory));
  await pipeline(Readable.from(encodeFileList(listing)), createWriteStream(path.join(directory, 'files.jsonl.gz')));
}

async function compareOnce(directory: string): Promise<CompareRun> {
  const child = fork(path.join(import.meta.dirname, 'compare-process.js'), [directory]);
  const [run] = (await once(child, 'message')) as [CompareRun];
  child.disconnect();
  await once(child, 'exit');
  if (run.grade !== 'identical') throw new Error(`an image is not itself: ${run.grade}`);
  return run;
}

function findings(runs: readonly [CompareRun, ...CompareRun[]]): Finding[] {
  const seconds = median(runs.map((run) => run.seconds));
  const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
  const [{ entries, size }] = runs;
  const memory = Math.max(...runs.map(({ peakMemory }) => peakMemory));
  return [
    {
      what: `an image of ${Math.round(size / MB)} MB against its list (${entries} entries), median of ${runs.length}`,
      value: `${seconds.toFixed(2)} s`,
      bar: `<= ${BAR_SECONDS} s`,
      isMet: seconds <= BAR_SECONDS,
    },
    { what: 'the same, time of processors', value: `${cpuSeconds.toFixed(2)} s`, bar: null, isMet: true },
    {
      what: 'peak memory of the process, worst',
      value: `${Math.round(memory / MB)} MB`,
      bar: `<= ${BAR_MEMORY / MB} MB`,
      isMet: memory <= BAR_MEMORY,
    },
  ];
}

const directory = await mkdtemp(path.join(tmpdir(), 'envarium-compare-'));
try {
  await writeImage(await makeImage(), directory);
  const runs: [CompareRun, ...CompareRun[]] = [await compareOnce(directory)];
  while (runs.length < Number(options.runs)) runs.push(await compareOnce(directory));
  const found = findings(runs);
  console.log(`comparison\n${found.map(lineOfFinding).join('\n')}`);
  if (options.json !== undefined) await writeFile(options.json, JSON.stringify({ options, findings: found }, null, 2));
  process.exitCode = found.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  await rm(directory, { recursive: true });
}
