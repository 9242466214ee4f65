import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';

/** Bodies of exchanges as files of one directory, that can be damaged. */
export class ExchangeDirectory {
  private constructor(private readonly directory: string) {}

  static async create(): Promise<ExchangeDirectory> {
    return new ExchangeDirectory(await mkdtemp(path.join(tmpdir(), 'exchanges-')));
  }

  async put(content: AsyncIterable<Uint8Array>): Promise<{ digest: string; size: number }> {
    const staged = path.join(this.directory, randomUUID());
    const file = await open(staged, 'wx');
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of content) {
        hash.update(chunk);
        size += chunk.length;
        await file.writeFile(chunk);
      }
    } catch (error) {
      await rm(staged);
      throw error;
    } finally {
      await file.close();
    }
    const digest = `sha256:${hash.digest('hex')}`;
    await rename(staged, this.fileOf(digest));
    return { digest, size };
  }

  async *open(digest: string): AsyncGenerator<Uint8Array, void, undefined> {
    if (!existsSync(this.fileOf(digest))) throw new ArchiveError('BLOB_UNKNOWN', { digest });
    for await (const chunk of createReadStream(this.fileOf(digest))) yield Buffer.from(chunk);
  }

  async has(digest: string): Promise<boolean> {
    return existsSync(this.fileOf(digest));
  }

  async lose(digest: string): Promise<void> {
    await rm(this.fileOf(digest));
  }

  /** Flips the lowest bit of one byte. */
  async flip(digest: string, position = 0): Promise<void> {
    const bytes = await readFile(this.fileOf(digest));
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    await writeFile(this.fileOf(digest), bytes);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private fileOf(digest: string): string {
    return path.join(this.directory, digest.replace(':', '-'));
  }
}
