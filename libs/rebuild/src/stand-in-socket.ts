import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Internet } from '@envarium/sandbox';
import { createAuthority } from '@envarium/sandbox';

const USUAL_PORTS = [80, 443] as const;
const PORT_IN_ADDRESS = /https?:\/\/(?:\[[0-9a-fA-F:.]{2,45}\]|[\w.-]{1,253}):(?<port>\d{1,5})\b/g;
const MAX_PORTS = 32;
const MAX_TEXT = 1024 * 1024;

/** Ports that a recipe fetches from: the usual ones, and those in the addresses that its files name. */
export function portsOf(dockerfile: string, context: readonly { readonly bytes: Uint8Array }[]): number[] {
  const texts = context
    .filter(({ bytes }) => bytes.length <= MAX_TEXT)
    .map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
  const named = [dockerfile, ...texts].flatMap((text) =>
    [...text.matchAll(PORT_IN_ADDRESS)].map((match) => Number(match.groups?.['port'])),
  );
  return [...new Set([...USUAL_PORTS, ...named.filter((port) => port > 0 && port < 65_536)])].slice(0, MAX_PORTS);
}

/**
 * A socket for the server that plays the Internet, and an authority that lives as long. The path of a Unix socket has
 * room for 107 bytes, so it is not below the directory of the job.
 */
export async function withStandIn<T>(
  ports: readonly number[],
  work: (internet: Internet & { kind: 'stand-in' }) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-'));
  try {
    return await work({
      kind: 'stand-in',
      socket: path.join(directory, 'internet'),
      authority: await createAuthority(),
      ports,
      answers: null,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
