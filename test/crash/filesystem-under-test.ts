import { chmod, readdir, readFile, unlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Damage, damaged, keyOfBlob, type StoreUnderTest, TWO_DAYS_MS } from './store-under-test.js';

/** The filesystem store that a server makes in its data directory. */
export class FilesystemUnderTest implements StoreUnderTest {
  readonly kind = 'filesystem';
  readonly variables = {};
  private readonly root: string;

  constructor(dataDir: string) {
    this.root = path.join(dataDir, 'store');
  }

  async staged(): Promise<string[]> {
    return await readdir(path.join(this.root, 'staging'));
  }

  async unfinished(): Promise<string[]> {
    return [];
  }

  async age(blobDigests: readonly string[]): Promise<boolean> {
    const then = new Date(Date.now() - TWO_DAYS_MS);
    const keys = [...(await this.staged()).map((name) => `staging/${name}`), ...blobDigests.map(keyOfBlob)];
    for (const key of keys) await utimes(path.join(this.root, key), then, then);
    return true;
  }

  async damage(digest: string, damage: Damage): Promise<void> {
    const file = path.join(this.root, keyOfBlob(digest));
    if (damage === 'delete') return await unlink(file);
    const bytes = damaged(await readFile(file), damage);
    await chmod(file, 0o644);
    await writeFile(file, bytes);
    await chmod(file, 0o444);
  }

  async stop(): Promise<void> {}
}
