import { decode, encode, type Packet, type RecordType } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { answerQuestion } from './name-service.js';

const ask = (type: RecordType, name: string, hasIpv6 = true): Packet & { rcode?: string } => {
  const query = encode({ type: 'query', id: 7, flags: 256, questions: [{ type, name }] });
  return decode(answerQuestion(query, hasIpv6) ?? Buffer.alloc(0));
};

describe('sandbox/stand-in/name-service', () => {
  it('leads every name here', () => {
    expect(ask('A', 'pypi.example.org')).toMatchObject({
      id: 7,
      rcode: 'NOERROR',
      answers: [{ name: 'pypi.example.org', type: 'A', data: '127.0.0.1' }],
    });
    expect(ask('AAAA', 'pypi.example.org')).toMatchObject({ answers: [{ data: '::1' }] });
    expect(ask('AAAA', 'pypi.example.org', false)).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  it.each(['SRV', 'TXT', 'MX'] as const)('knows the name, but no %s', (type) => {
    expect(ask(type, '_http._tcp.deb.example.org')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  it('knows no name of an address', () => {
    expect(ask('PTR', '4.3.2.1.in-addr.arpa')).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
  });

  it.each(['', '00', 'ff'.repeat(40), '0007010000010000000000003f61'])('is silent to %j', (hex) => {
    expect(answerQuestion(Buffer.from(hex, 'hex'), true)).toBeNull();
  });
});
