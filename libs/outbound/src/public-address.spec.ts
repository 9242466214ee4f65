import { describe, expect, it } from 'vitest';
import { parseIpAddress, parseIpRange } from './ip-address.js';
import { isPublicAddress } from './public-address.js';

const isPublic = (text: string): boolean => isPublicAddress(parseIpAddress(text)!);

describe('outbound/public-address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::8.8.8.8',
    '2002:7f00:1::1',
    '2002:808:808::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ])('%s is not public', (text) => {
    expect(isPublic(text)).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is public', (text) => {
    expect(isPublic(text)).toBe(true);
  });

  it('reads addresses as numbers', () => {
    expect(parseIpAddress('1.2.3.4')).toEqual({ family: 4, value: 0x01020304n });
    expect(parseIpAddress('2001:db8::1:2')).toEqual({ family: 6, value: 0x20010db8000000000000000000010002n });
    expect(parseIpAddress('::1.2.3.4')).toEqual({ family: 6, value: 0x01020304n });
    expect(parseIpAddress('1::')).toEqual({ family: 6, value: 1n << 112n });
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1:2', 'fe80::1%eth0', 'host'])('%j is no address', (text) => {
    expect(parseIpAddress(text)).toBeNull();
  });

  it.each(['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', 'fd00::/129', 'host/8'])('%j is no range', (text) => {
    expect(parseIpRange(text)).toBeNull();
  });
});
