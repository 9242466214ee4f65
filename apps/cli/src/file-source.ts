import { open, stat } from 'node:fs/promises';
import type { RandomAccessSource } from '@envarium/oci';

/** A file, opened anew for each read: nothing has to be closed. */
export async function openFileSource(file: string): Promise<RandomAccessSource> {
  const { size } = await stat(file);
  return {
    size,
    async read(offset, length) {
      const handle = await open(file);
      try {
        const bytes = Buffer.allocUnsafe(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
          // A file that has become shorter: the reader takes it for truncation.
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      } finally {
        await handle.close();
      }
    },
  };
}
