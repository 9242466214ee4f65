import { readers, type Reading } from './readers.js';

/** What the process is given for one case. */
export interface FuzzRequest {
  readonly format: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface FuzzAnswer {
  readonly reading: Reading | null;
  /** message of an error that a reader must not throw */
  readonly fault: string | null;
  /** of work: the wait for a busy machine does not count */
  readonly milliseconds: number;
  /** most memory this process ever had */
  readonly megabytes: number;
}

function answer({ format, path, bytes }: FuzzRequest): FuzzAnswer {
  const reader = readers.find(({ id }) => id === format);
  const start = performance.now();
  const startCpu = process.cpuUsage();
  let reading: Reading | null = null;
  let fault: string | null = null;
  try {
    reading = reader?.read(bytes, path) ?? null;
  } catch (error) {
    fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { user, system } = process.cpuUsage(startCpu);
  const milliseconds = Math.min(performance.now() - start, (user + system) / 1000);
  return { reading, fault, milliseconds, megabytes: process.resourceUsage().maxRSS / 1024 };
}

process.on('message', (request: FuzzRequest) => process.send?.(answer(request)));
process.on('disconnect', () => process.exit());
