import { lookup } from 'node:dns/promises';
import { ArchiveError } from '@envarium/errors';
import { AllowList } from './allow-list.js';
import { parseIpAddress } from './ip-address.js';
import { isPublicAddress } from './public-address.js';

/** All addresses of a name. Replaced in tests, where a name must lead where no public name leads. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** Name servers of strangers may take their time. */
const LOOK_UP_MS = 10_000;
const SCHEMES: readonly string[] = ['http:', 'https:'];

/** Decides where this service may connect to: the public Internet, and what the operator permits beyond it. */
export class Guard {
  constructor(
    private readonly allowed: AllowList,
    private readonly resolve: ResolveName = resolveName,
  ) {}

  /**
   * What can be said without asking anybody.
   * @throws ArchiveError OUTBOUND_REFUSED for other schemes, credentials in the address, and addresses that are not public
   */
  assertUrl(url: URL): void {
    if (!SCHEMES.includes(url.protocol)) throw refused(url.hostname, 'scheme');
    if (url.username !== '' || url.password !== '') throw refused(url.hostname, 'credentials-in-url');
    const host = bareHost(url);
    if (parseIpAddress(host) !== null && !this.permits(host, portOf(url))) throw refused(host, 'address-not-public');
    // Also without a resolver these names mean this machine (RFC 6761 section 6.3).
    if (/(?:^|\.)localhost\.?$/.test(host) && !this.isAllowed(url) && !this.permits('127.0.0.1', portOf(url))) {
      throw refused(host, 'address-not-public');
    }
  }

  /** True when the operator named this host or address. */
  isAllowed(url: URL): boolean {
    const host = bareHost(url);
    const address = parseIpAddress(host);
    const port = portOf(url);
    return address === null ? this.allowed.permitsName(host, port) : this.allowed.permitsAddress(address, port);
  }

  /**
   * The addresses that a connection may be made to, in the order in which they are to be tried. The connection must be
   * made to one of these, and not to the name: a second look-up could say something else.
   * @throws ArchiveError OUTBOUND_REFUSED when there are only others, UPSTREAM_UNAVAILABLE when there is none
   */
  async addressesOf(host: string, port: number): Promise<readonly string[]> {
    const literal = parseIpAddress(host) !== null;
    const addresses = literal ? [host] : await this.lookUp(host);
    if (this.allowed.permitsName(host, port)) return addresses;
    const permitted = addresses.filter((address) => this.permits(address, port));
    // Which address it was is not said: it would tell a stranger about names inside.
    if (permitted.length === 0) throw refused(host, 'address-not-public');
    return permitted;
  }

  private permits(text: string, port: number): boolean {
    const address = parseIpAddress(text);
    return address !== null && (isPublicAddress(address) || this.allowed.permitsAddress(address, port));
  }

  private async lookUp(host: string): Promise<readonly string[]> {
    try {
      const addresses = await withDeadline(this.resolve(host), LOOK_UP_MS);
      if (addresses.length > 0) return addresses;
    } catch (cause) {
      throw new ArchiveError('UPSTREAM_UNAVAILABLE', { host, reason: 'name-unknown' }, { cause });
    }
    throw new ArchiveError('UPSTREAM_UNAVAILABLE', { host, reason: 'name-unknown' });
  }
}

/** Without the brackets of an IPv6 address. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.+)\]$/, '$1').replace(/\.$/, '');
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

export function refused(host: string, reason: string): ArchiveError {
  return new ArchiveError('OUTBOUND_REFUSED', { host: host.slice(0, 300), reason });
}

async function resolveName(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

async function withDeadline<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the look-up takes too long')), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
