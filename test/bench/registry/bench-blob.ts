import { createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';

const CHUNK = 1 << 20;
/** Enough to make another blob of it. */
const HEAD = 64;

/** A file that becomes another blob each round, so that no registry can know it already. */
export class BenchBlob {
  digest = '';

  private constructor(
    readonly file: string,
    readonly size: number,
  ) {}

  /** Of random bytes. */
  static async create(file: string, size: number): Promise<BenchBlob> {
    const handle = await open(file, 'w');
    try {
      for (let written = 0; written < size; written += CHUNK) {
        await handle.write(randomBytes(Math.min(CHUNK, size - written)));
      }
    } finally {
      await handle.close();
    }
    const blob = new BenchBlob(file, size);
    await blob.renew();
    return blob;
  }

  /** Of zeros after the first bytes: a hole, which takes no room here. */
  static async createSparse(file: string, size: number): Promise<BenchBlob> {
    const handle = await open(file, 'w');
    try {
      await handle.truncate(size);
    } finally {
      await handle.close();
    }
    const blob = new BenchBlob(file, size);
    await blob.renew();
    return blob;
  }

  /** Changes the first bytes, and reads all of it: so it is in memory when it is sent. */
  async renew(): Promise<void> {
    const handle = await open(this.file, 'r+');
    try {
      await handle.write(randomBytes(Math.min(HEAD, this.size)), 0, undefined, 0);
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

/** Small blobs in memory, all different and all of one size. */
export function manyBlobs(count: number, size: number): { digest: string; bytes: Buffer }[] {
  const base = randomBytes(size);
  return Array.from({ length: count }, () => {
    const bytes = Buffer.from(base);
    randomBytes(Math.min(HEAD, size)).copy(bytes);
    return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
  });
}
