import path from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type DepositedFile, type FileUnderstanding, understandFiles, type Understanding } from './understand-files.js';
import { WorkerLost, WorkerPool } from './worker-pool.js';

/** So much is read in a few milliseconds; handing it over would take as long. */
const INLINE_SIZE = 16 * 1024;
const TIMEOUT_MS = 20_000;
/** After so long no file of a deposit is tried by itself any more. */
const PATIENCE_MS = 60_000;
const WORKERS = 2;
const MAX_HEAP_MIB = 512;

export interface UnderstandingOptions {
  readonly timeoutMs?: number;
  /** Compiled module in which files are read. */
  readonly entry?: string;
}

/**
 * Reads files of a deposit for what they say. Large ones are read in other threads, so that no other request waits, and a
 * file that takes too much time or memory costs its meaning only: it is kept, and said not to be understood.
 */
@Injectable()
export class UnderstandingService implements OnApplicationShutdown {
  private readonly pool: WorkerPool<readonly DepositedFile[], Understanding>;

  constructor({
    timeoutMs = TIMEOUT_MS,
    entry = path.join(compiledDirectory(), 'understand-worker.js'),
  }: UnderstandingOptions = {}) {
    this.pool = new WorkerPool(entry, {
      size: WORKERS,
      timeoutMs,
      worker: { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB } },
    });
  }

  async understand(files: readonly DepositedFile[]): Promise<Understanding> {
    if (files.reduce((sum, { bytes }) => sum + bytes.length, 0) <= INLINE_SIZE) return understandFiles(files);
    const whole = await this.tried(files);
    return whole ?? (await this.withoutOffenders(files));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }

  /** Null: there was no answer. */
  private async tried(files: readonly DepositedFile[]): Promise<Understanding | null> {
    try {
      return await this.pool.ask(files);
    } catch (error) {
      if (error instanceof WorkerLost) return null;
      throw error;
    }
  }

  /** Each file by itself, to find those that cannot be read; then the others together, as they stand together. */
  private async withoutOffenders(files: readonly DepositedFile[]): Promise<Understanding> {
    const deadline = Date.now() + PATIENCE_MS;
    const readable = new Set<string>();
    if (files.length > 1) {
      for (const file of files) {
        if (Date.now() > deadline) break;
        if ((await this.tried([file])) !== null) readable.add(file.path);
      }
    }
    const rest = files.filter((file) => readable.has(file.path));
    const understanding = rest.length === 0 ? null : await this.tried(rest);
    const understood = new Map(understanding?.files.map((file) => [file.path, file]));
    return {
      files: files.map((file) => understood.get(file.path) ?? notRead(file.path)),
      environment: understanding?.environment ?? null,
      hardware: understanding?.hardware ?? null,
    };
  }
}

function notRead(file: string): FileUnderstanding {
  const message =
    'it takes more time or memory to read than a file is given; kept byte for byte, not searched for secrets';
  return { path: file, format: null, packageCount: 0, message, line: null, secrets: [] };
}

/** Node.js cannot run our sources as they are: a thread gets what was built of them. */
function compiledDirectory(): string {
  const root = path.resolve(import.meta.dirname, '../../..');
  return path.basename(root) === 'dist' ? import.meta.dirname : path.join(root, 'dist/libs/environments/src');
}
