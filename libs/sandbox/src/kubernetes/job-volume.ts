import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, lstat, mkdir, open, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ArchiveError } from '@envarium/errors';
import type { BuildJob, LayoutImage, RunJob } from '../executor.js';
import { type PodJob, PodOutcome } from './pod-job.js';

const OUTCOME_LIMIT = 64 * 1024;
const DOCUMENT_LIMIT = 4 * 1024 * 1024;
export const ACCOUNT_LIMIT = 4 * 1024 * 1024;
const MAX_BLOBS = 1000;

/**
 * The part of the shared volume that one job sees: `in` (read-only there), `closure` (read-only, and only for the
 * stand-in) and `out`. What comes back was written by a stranger: regular files only, no link is followed, and a blob is
 * what its name says.
 */
export class JobVolume {
  readonly input: string;
  readonly output: string;
  readonly closure: string;

  constructor(readonly directory: string) {
    this.input = path.join(directory, 'in');
    this.output = path.join(directory, 'out');
    this.closure = path.join(directory, 'closure');
  }

  async create(): Promise<void> {
    for (const directory of [this.input, this.output, this.closure]) await mkdir(directory, { recursive: true });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Brings the inputs of a build where its pod finds them. */
  async stageBuild(job: BuildJob): Promise<PodJob> {
    await copyTree(job.context, path.join(this.input, 'context'));
    await cp(job.dockerfile, path.join(this.input, 'Dockerfile'));
    const bases = [];
    for (const [index, { reference, image }] of job.bases.entries()) {
      bases.push({ reference, image: await this.stageImage(image, `bases/${index}`) });
    }
    const { internet } = job;
    const standIn = internet.kind === 'off' ? null : { authority: internet.authority, ports: [...internet.ports] };
    const { clock, epoch, platform, limits } = job;
    return { kind: 'build', bases, standIn, clock, epoch, platform, limits };
  }

  async stageRun(job: RunJob): Promise<PodJob> {
    const image = await this.stageImage(job.image, 'image');
    const mounts = [];
    for (const [index, { source, target, isWritable }] of job.mounts.entries()) {
      const name = `mounts/${index}`;
      // The input is read-only: what may be written stands where the output is.
      await copyTree(source, path.join(isWritable ? this.output : this.input, name));
      mounts.push({ source: name, target, isWritable });
    }
    const { command, workingDirectory, environment, clock, limits } = job;
    return { kind: 'run', image, command, workingDirectory, environment: { ...environment }, mounts, clock, limits };
  }

  async writeJob(job: PodJob): Promise<void> {
    await writeFile(path.join(this.input, 'job.json'), JSON.stringify(job));
  }

  /** Null: the pod left none, or one that cannot be read. */
  async outcome(): Promise<PodOutcome | null> {
    const text = await readSmall(path.join(this.output, 'outcome.json'), OUTCOME_LIMIT);
    if (text === null) return null;
    try {
      return PodOutcome.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  /** What the stand-in says it was asked for; null: it said nothing, or nothing that can be read. */
  async account(): Promise<unknown> {
    const text = await readSmall(path.join(this.output, 'account.json'), ACCOUNT_LIMIT);
    try {
      return text === null ? null : JSON.parse(text);
    } catch {
      return null;
    }
  }

  /** Takes the image of a build home. @throws ArchiveError LAYER_INVALID when the layout is not one, or its bytes are others */
  async takeImage(digest: string, home: string, limit: number): Promise<LayoutImage> {
    const from = await this.own('image');
    await this.own('image/blobs/sha256');
    await mkdir(path.join(home, 'blobs/sha256'), { recursive: true });
    for (const name of ['oci-layout', 'index.json']) {
      const text = await readSmall(path.join(from, name), DOCUMENT_LIMIT);
      if (text === null) throw new ArchiveError('LAYER_INVALID', { reason: 'layout-incomplete', path: name });
      await writeFile(path.join(home, name), text);
    }
    const names = await readdir(path.join(from, 'blobs/sha256')).catch((): string[] => []);
    if (names.length > MAX_BLOBS)
      throw new ArchiveError('LAYER_INVALID', { reason: 'too-many-blobs', limit: MAX_BLOBS });
    let left = limit;
    for (const name of names) {
      left -= await takeBlob(path.join(from, 'blobs/sha256', name), path.join(home, 'blobs/sha256', name), left);
    }
    if (!names.includes(digest.slice('sha256:'.length))) {
      throw new ArchiveError('LAYER_INVALID', { reason: 'layout-incomplete', path: digest });
    }
    return { layout: home, digest };
  }

  /** Writes back what a run may change. Links stay links: nothing behind them is read. */
  async takeMounts(job: RunJob): Promise<void> {
    for (const [index, { source, isWritable }] of job.mounts.entries()) {
      if (isWritable) await copyTree(await this.own(`mounts/${index}`), source);
    }
  }

  /** A directory of the output that is where it seems to be: a link in its place could lead anywhere on this machine. */
  private async own(name: string): Promise<string> {
    const real = await realpath(path.join(this.output, name)).catch(() => null);
    if (real === null || real !== path.join(await realpath(this.output), name)) {
      throw new ArchiveError('LAYER_INVALID', { reason: 'not-a-directory', path: name });
    }
    return real;
  }

  private async stageImage({ layout, digest }: LayoutImage, name: string): Promise<LayoutImage> {
    await copyTree(layout, path.join(this.input, name));
    return { layout: name, digest };
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true, force: true, preserveTimestamps: true });
}

/** Null where there is no such regular file, or it is larger. */
async function readSmall(file: string, limit: number): Promise<string | null> {
  if (!(await isRegular(file)) || (await stat(file)).size > limit) return null;
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const buffer = Buffer.alloc(limit);
    const { bytesRead } = await handle.read(buffer, 0, limit, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** @returns bytes */
async function takeBlob(from: string, to: string, limit: number): Promise<number> {
  const name = path.basename(from);
  const what = { path: `blobs/sha256/${name}` };
  if (!/^[0-9a-f]{64}$/.test(name) || !(await isRegular(from))) {
    throw new ArchiveError('LAYER_INVALID', { reason: 'not-a-blob', ...what });
  }
  const handle = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  const target = await open(to, 'wx');
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    handle.createReadStream(),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > limit) throw new ArchiveError('IMAGE_TOO_LARGE', { limit, ...what });
        hash.update(chunk);
        yield chunk;
      }
    },
    target.createWriteStream(),
  );
  const actual = hash.digest('hex');
  if (actual !== name) throw new ArchiveError('LAYER_INVALID', { reason: 'digest', expected: name, actual });
  return size;
}

/** Of the path itself, and of nothing that a link leads to. */
async function isRegular(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => null);
  return found?.isFile() === true;
}
