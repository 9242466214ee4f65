import { createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';

const CHUNK = 1 << 20;

/** A file of random bytes that becomes another blob each round, so that no registry can know it already. */
export class BenchBlob {
  digest = '';

  private constructor(
    readonly file: string,
    readonly size: number,
  ) {}

  static async create(file: string, size: number): Promise<BenchBlob> {
    const handle = await open(file, 'w');
    try {
      for (let written = 0; written < size; written += CHUNK) {
        await handle.write(randomBytes(Math.min(CHUNK, size - written)));
      }
    } finally {
      await handle.close();
    }
    return new BenchBlob(file, size);
  }

  /** Changes the first bytes, and reads all of it: so it is in memory when it is sent. */
  async renew(): Promise<void> {
    const handle = await open(this.file, 'r+');
    try {
      await handle.write(randomBytes(Math.min(64, this.size)), 0, undefined, 0);
      const hash = createHash('sha256');
      for await (const chunk of handle.createReadStream({ start: 0, highWaterMark: CHUNK, autoClose: false })) {
        hash.update(chunk as Buffer);
      }
      this.digest = `sha256:${hash.digest('hex')}`;
    } finally {
      await handle.close();
    }
  }
}
