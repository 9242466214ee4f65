import { type IpAddress, type IpRange, isInRange, parseIpRange } from './ip-address.js';

/**
 * What is not the public Internet.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and the registry of the same name for IPv6
 */
const SPECIAL_IPV4 = ranges(
  '0.0.0.0/8', // this network, unspecified
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT, and the metadata service of one cloud
  '127.0.0.0/8',
  '168.63.129.16/32', // a public address that is a host agent inside one cloud
  '169.254.0.0/16', // link-local, and the metadata service of most clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
);
/** Of IPv6 only global unicast is public: loopback, unique local, link-local and multicast lie outside of it. */
const GLOBAL_IPV6 = ranges('2000::/3');
const SPECIAL_IPV6 = ranges(
  '2001::/23', // protocol assignments, Teredo among them
  '2001:db8::/32',
  '2002::/16', // 6to4: an IPv4 address in disguise, and obsolete
  '3fff::/20',
);
/** The last 32 bits are the IPv4 address that is reached in the end. */
const MAPPED_IPV4 = ranges('::ffff:0:0/96');
const NAT64 = ranges('64:ff9b::/96');

/** True for addresses of the public Internet, also where they are written as another kind of address. */
export function isPublicAddress(address: IpAddress): boolean {
  if (address.family === 4) return !isInAny(address, SPECIAL_IPV4);
  if (isInAny(address, MAPPED_IPV4) || isInAny(address, NAT64)) return isPublicAddress(embeddedIpv4(address));
  return isInAny(address, GLOBAL_IPV6) && !isInAny(address, SPECIAL_IPV6);
}

/** Mapped addresses are the IPv4 address itself, for the rules of an operator too. */
export function unmapped(address: IpAddress): IpAddress {
  return address.family === 6 && isInAny(address, MAPPED_IPV4) ? embeddedIpv4(address) : address;
}

function embeddedIpv4({ value }: IpAddress): IpAddress {
  return { family: 4, value: value & 0xffff_ffffn };
}

function isInAny(address: IpAddress, list: readonly IpRange[]): boolean {
  return list.some((range) => isInRange(address, range));
}

function ranges(...texts: string[]): IpRange[] {
  return texts.map((text) => {
    const range = parseIpRange(text);
    if (range === null) throw new Error(`${text} is no range`);
    return range;
  });
}
