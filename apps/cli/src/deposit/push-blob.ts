import { setTimeout as sleep } from 'node:timers/promises';
import type { Descriptor } from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { EXIT } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { counted, type Progress } from '../progress.js';

const ATTEMPTS = 4;
const PAUSE = 1000;

/**
 * Pushes one blob unless it is there. A connection that breaks is tried again, with growing pauses.
 * @param open gives the content anew for each attempt
 * @returns whether bytes were sent
 */
export async function pushBlob(
  registry: RegistryClient,
  repository: string,
  blob: Descriptor,
  open: () => AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    let sent = 0;
    const tally: Progress = {
      add(bytes) {
        sent += bytes;
        progress.add(bytes);
      },
      stop: () => {},
    };
    try {
      if (await registry.hasBlob(repository, blob.digest)) {
        progress.add(blob.size);
        return false;
      }
      await registry.pushBlob(repository, blob, counted(open(), tally));
      return true;
    } catch (error) {
      const isBroken = failureOf(error).exitCode === EXIT.unreachable;
      // Nothing was sent yet on the first attempt: the server is not there at all.
      if (!isBroken || attempt === ATTEMPTS || (attempt === 1 && sent === 0)) throw error;
      progress.add(-sent);
      await sleep(PAUSE * attempt);
    }
  }
}
