import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Disk space of jobs. What a worker that died has left is removed when the next one of the same job begins. */
export class WorkDirectory {
  constructor(private readonly root: string) {}

  /** An empty directory for one attempt at a job, removed when `work` is done. */
  async within<T>(jobId: string, work: (directory: string) => Promise<T>): Promise<T> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.root)) {
      if (name.startsWith(`${jobId}-`)) await removeTree(path.join(this.root, name));
    }
    const directory = await mkdtemp(path.join(this.root, `${jobId}-`));
    try {
      return await work(directory);
    } finally {
      await removeTree(directory);
    }
  }
}

async function removeTree(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}
