import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Internet } from '@envarium/sandbox';
import { createAuthority } from '@envarium/sandbox';

/** Ports that programs fetch from; an address with another port is told so in the log of the build. */
const PORTS = [80, 443] as const;

/**
 * A socket for the server that plays the Internet, and an authority that lives as long. The path of a Unix socket has
 * room for 107 bytes, so it is not below the directory of the job.
 */
export async function withStandIn<T>(work: (internet: Internet & { kind: 'stand-in' }) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-'));
  try {
    return await work({
      kind: 'stand-in',
      socket: path.join(directory, 'internet'),
      authority: await createAuthority(),
      ports: PORTS,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
