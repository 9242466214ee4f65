/** How much is done of a total that was known at the start. */
export interface Progress {
  add(amount: number): void;
  stop(): void;
}

export const SILENT: Progress = { add: () => {}, stop: () => {} };

const MEBIBYTE = 2 ** 20;

export async function createProgress(
  stream: NodeJS.WritableStream,
  title: string,
  total: number,
  counted: 'bytes' | 'steps' | 'files' = 'bytes',
): Promise<Progress> {
  // Only a command that has something to show pays for loading it.
  const { SingleBar, Presets } = await import('cli-progress').then((module) => module.default);
  const bytes = total >= MEBIBYTE ? { amount: MEBIBYTE, name: 'MiB' } : { amount: 1024, name: 'KiB' };
  const unit = counted === 'bytes' ? bytes : { amount: 1, name: counted };
  const scaled = (amount: number) => Number((amount / unit.amount).toFixed(1));
  const format = `${title} [{bar}] {percentage}% | {value}/{total} ${unit.name} | {eta_formatted}`;
  const bar = new SingleBar(
    { format, stream, clearOnComplete: true, hideCursor: true, fps: 8 },
    Presets.shades_classic,
  );
  let done = 0;
  bar.start(scaled(total), 0);
  return {
    add(amount) {
      done += amount;
      bar.update(scaled(done));
    },
    stop: () => bar.stop(),
  };
}

/** Passes chunks on and counts them. */
export async function* counted(
  content: AsyncIterable<Uint8Array>,
  progress: Progress,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    progress.add(chunk.length);
    yield chunk;
  }
}
