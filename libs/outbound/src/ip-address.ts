import net from 'node:net';

/** An address as a number, so that ranges can be compared. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface IpRange {
  readonly address: IpAddress;
  readonly prefix: number;
}

/** @returns null when the text is no address; brackets and zone identifiers are not part of one */
export function parseIpAddress(text: string): IpAddress | null {
  if (net.isIPv4(text)) return { family: 4, value: ipv4Value(text) };
  if (net.isIPv6(text) && !text.includes('%')) return { family: 6, value: ipv6Value(text) };
  return null;
}

/** `10.0.0.0/8`, or one address. @returns null when the text is neither */
export function parseIpRange(text: string): IpRange | null {
  const [addressText = '', prefixText] = text.split('/', 2);
  const address = parseIpAddress(addressText.replace(/^\[(.+)\]$/, '$1'));
  if (address === null) return null;
  const width = widthOf(address);
  if (prefixText === undefined) return { address, prefix: width };
  if (!/^\d{1,3}$/.test(prefixText) || Number(prefixText) > width) return null;
  return { address, prefix: Number(prefixText) };
}

export function isInRange(address: IpAddress, { address: first, prefix }: IpRange): boolean {
  if (address.family !== first.family) return false;
  const shift = BigInt(widthOf(address) - prefix);
  return address.value >> shift === first.value >> shift;
}

function widthOf({ family }: IpAddress): number {
  return family === 4 ? 32 : 128;
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.split('::', 2);
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0n);
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The last 32 bits may be written as an IPv4 address. */
function groupsOf(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [BigInt(`0x${part}`)];
    const value = ipv4Value(part);
    return [value >> 16n, value & 0xffffn];
  });
}
