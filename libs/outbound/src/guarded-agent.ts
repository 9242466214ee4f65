import { Agent, buildConnector } from 'undici';
import type { Guard } from './guard.js';

export interface Timeouts {
  /** Milliseconds for each of: the connection to one address, the head of the answer, a pause in its body. */
  readonly connect: number;
  readonly headers: number;
  readonly body: number;
}

/** A name may have any number of addresses, and each that does not answer takes its time. */
const MAX_ADDRESSES = 4;

type Connected = buildConnector.Callback;
type Target = buildConnector.Options;

/**
 * Connections that the guard has permitted. The name is resolved here, and the socket is opened to the address that was
 * looked at: between the look-up and the connection there is nothing that a name server could change.
 */
export function createGuardedAgent(guard: Guard, timeouts: Timeouts, ca?: string): Agent {
  const connectTo = buildConnector({ timeout: timeouts.connect, ...(ca !== undefined && { ca }) });
  return new Agent({
    connect: (target, done) => {
      connect(guard, connectTo, target).then(
        (socket) => done(null, socket),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
      );
    },
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    connections: 8,
    maxHeaderSize: 32 * 1024,
  });
}

async function connect(
  guard: Guard,
  connectTo: buildConnector.connector,
  target: Target,
): Promise<NonNullable<Parameters<Connected>[1]>> {
  const host = target.hostname.replace(/^\[(.+)\]$/, '$1');
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  let failure: Error = new Error(`${host} has no address`);
  const addresses = await guard.addressesOf(host.replace(/\.$/, ''), port);
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    try {
      return await new Promise((resolve, reject) => {
        // The certificate must be that of the name, and the name is what the server chooses its certificate by.
        const servername = target.servername ?? (host === address ? null : host);
        connectTo(
          { ...target, hostname: address, ...(servername !== null && { servername }) },
          (error: Error | null, socket: Parameters<Connected>[1]) => {
            if (error !== null || socket === null) reject(error ?? new Error('no socket'));
            else resolve(socket);
          },
        );
      });
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  }
  throw failure;
}
