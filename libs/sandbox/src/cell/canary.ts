import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import type { Attempts } from './plan.js';

/** No answer can come from these: https://www.rfc-editor.org/rfc/rfc5737 and https://www.rfc-editor.org/rfc/rfc3849 */
const ELSEWHERE = '192.0.2.1';
const ELSEWHERE_IPV6 = '2001:db8::1';

/** The kernel had nowhere to send it. A refusal by a peer, or silence, would mean that something left. */
const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EACCES', 'EPERM']);
const PATIENCE = 1000;

/** Tries to get out of the network namespace that this process is in. @param addresses of the host */
export async function flyCanary(addresses: readonly string[], hasNameService: boolean): Promise<Attempts> {
  const targets = [ELSEWHERE, ...addresses];
  const [dns, tcp, udp, ipv6] = await Promise.all([
    asked(hasNameService),
    Promise.all(targets.flatMap((address) => [80, 443].map((port) => connected(address, port)))),
    Promise.all(targets.flatMap((address) => [53, 123].map((port) => sent('udp4', address, port)))),
    Promise.all([connected(ELSEWHERE_IPV6, 443), sent('udp6', ELSEWHERE_IPV6, 53)]),
  ]);
  return { dns: outcome([dns]), tcp: outcome(tcp), udp: outcome(udp), ipv6: outcome(ipv6) };
}

const outcome = (reached: readonly boolean[]): 'refused' | 'reached' =>
  reached.includes(true) ? 'reached' : 'refused';

/** A name service of the Internet must not be reached; the one inside may answer with addresses inside, or not be there. */
async function asked(hasNameService: boolean): Promise<boolean> {
  if (await sent('udp4', ELSEWHERE, 53)) return true;
  const resolver = new Resolver({ timeout: PATIENCE, tries: 1 });
  resolver.setServers(['127.0.0.1']);
  try {
    const addresses = await resolver.resolve4('canary.example.org');
    return !hasNameService || addresses.some((address) => !address.startsWith('127.'));
  } catch {
    return false;
  }
}

function connected(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE });
    const end = (isReached: boolean): void => {
      socket.destroy();
      resolve(isReached);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => end(!NO_ROUTE.has(error.code ?? '')));
  });
}

function sent(type: 'udp4' | 'udp6', host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    const end = (isReached: boolean): void => {
      socket.close();
      resolve(isReached);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => end(!NO_ROUTE.has(error.code ?? '')));
    socket.send('canary', port, host, (error: NodeJS.ErrnoException | null) => {
      end(error === null || !NO_ROUTE.has(error.code ?? ''));
    });
  });
}
