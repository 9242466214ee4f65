import type { FileHandle } from 'node:fs/promises';

const BUFFER_SIZE = 512 << 10;

/** Reads a file from its start. Every chunk is a view of the same buffer: use it before asking for the next. */
export async function* readInPlace(handle: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, BUFFER_SIZE, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
