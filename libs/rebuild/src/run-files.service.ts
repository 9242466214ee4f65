import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { VersionRow } from '@envarium/records';
import type { HashedFile } from '@envarium/schema';
import { STORE, type Store } from '@envarium/storage';
import { storedBytes } from './stored-bytes.js';

export interface RecordedRun {
  readonly id: bigint;
  readonly publicId: string;
  readonly command: string;
  readonly inputs: readonly HashedFile[];
  readonly outputs: readonly HashedFile[];
}

/** A file of the host that is shown to a run under a name. */
export interface MountedFile {
  readonly source: string;
  /** Relative to the directory that the run begins in. */
  readonly name: string;
}

const MAX_FILES = 1000;
const fileSelect = { name: true, digest: true, size: true } as const;

/** What a recorded run read and made, and the bytes of it that are kept here. */
@Injectable()
export class RunFilesService {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** @throws ArchiveError RUN_UNKNOWN, RUN_NOT_REPEATABLE */
  async recordedRun(version: VersionRow, publicId: string): Promise<RecordedRun> {
    const run = await this.prisma.run.findFirst({
      where: { publicId, versionId: version.id },
      select: {
        id: true,
        publicId: true,
        command: true,
        inputs: { orderBy: { position: 'asc' }, select: fileSelect },
        files: { orderBy: { position: 'asc' }, select: fileSelect },
      },
    });
    if (run === null) throw new ArchiveError('RUN_UNKNOWN', { run: publicId });
    if (run.command === null) throw new ArchiveError('RUN_NOT_REPEATABLE', { run: publicId, reason: 'no-command' });
    if (run.files.length === 0) throw new ArchiveError('RUN_NOT_REPEATABLE', { run: publicId, reason: 'no-outputs' });
    const sized = (files: typeof run.files): HashedFile[] =>
      files.map((file) => ({ ...file, size: Number(file.size) }));
    return { id: run.id, publicId, command: run.command, inputs: sized(run.inputs), outputs: sized(run.files) };
  }

  /**
   * The inputs of a run and the other files of the deposit, but what the run is to make.
   * @throws ArchiveError RUN_NOT_REPEATABLE with the names of inputs whose bytes are not here
   */
  async materialise(version: VersionRow, run: RecordedRun, directory: string): Promise<MountedFile[]> {
    const deposited = await this.prisma.packageFile.findMany({
      where: { versionId: version.id },
      orderBy: { path: 'asc' },
      select: { path: true, digest: true, size: true },
    });
    const made = new Set(run.outputs.map(({ name }) => name));
    const wanted = new Map<string, { digest: string; size: number }>();
    for (const { path: name, digest, size } of deposited) {
      if (!made.has(name)) wanted.set(name, { digest, size: Number(size) });
    }
    for (const { name, digest, size } of run.inputs) wanted.set(name, { digest, size });
    if (wanted.size > MAX_FILES) {
      throw new ArchiveError('RUN_NOT_REPEATABLE', { run: run.publicId, reason: 'too-many-inputs', limit: MAX_FILES });
    }
    const held = new Set(deposited.map(({ digest }) => digest));
    const missing: string[] = [];
    for (const [name, { digest }] of wanted) {
      if (!held.has(digest) && !(await this.isHeld(version, digest))) missing.push(name);
    }
    if (missing.length > 0) {
      const inputs = missing.slice(0, 20);
      throw new ArchiveError('RUN_NOT_REPEATABLE', { run: run.publicId, reason: 'inputs-not-archived', inputs });
    }
    const mounted: MountedFile[] = [];
    for (const [name, file] of wanted) mounted.push(await this.write(directory, name, file));
    return mounted;
  }

  /** The archived bytes of an output, for a comparison by content; null when only its digest is known. */
  async expectedBytes(version: VersionRow, { digest, size }: HashedFile, limit: number): Promise<Buffer | null> {
    if (size > limit) return null;
    const isDeposited = (await this.prisma.packageFile.count({ where: { versionId: version.id, digest } })) > 0;
    if (!isDeposited && !(await this.isHeld(version, digest))) return null;
    const chunks: Uint8Array[] = [];
    for await (const chunk of storedBytes(this.store, { digest, size })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  private async isHeld(version: VersionRow, digest: string): Promise<boolean> {
    const where = { repositoryId: version.record.repository.id, blob: { digest, state: 'ok' } } as const;
    return (await this.prisma.repositoryBlob.count({ where })) > 0;
  }

  private async write(
    directory: string,
    name: string,
    { digest, size }: { digest: string; size: number },
  ): Promise<MountedFile> {
    const relative = path.posix.normalize(name);
    if (relative.startsWith('../') || relative.startsWith('/') || relative === '..') {
      throw new ArchiveError('RUN_NOT_REPEATABLE', { reason: 'unsafe-name', input: name });
    }
    const source = path.join(directory, relative);
    await mkdir(path.dirname(source), { recursive: true });
    await pipeline(storedBytes(this.store, { digest, size }), createWriteStream(source, { mode: 0o555 }));
    return { source, name: relative };
  }
}

/** Files below a directory that a run has written, `/` separated. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}
