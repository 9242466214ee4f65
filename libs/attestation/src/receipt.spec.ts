import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { REBUILD_PREDICATE_TYPE, type RebuildPredicate, RERUN_PREDICATE_TYPE } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { type DsseEnvelope, envelopeBytes, preAuthEncoding, readEnvelope, signEnvelope } from './dsse.js';
import { keyIdOf, readPublicKey, readPublicKeys } from './key-id.js';
import { readReceipt, verifyEnvelope, verifyReceipt } from './receipt.js';
import { IN_TOTO_PAYLOAD_TYPE, statement, statementBytes } from './statement.js';

const digest = (character: string): string => `sha256:${character.repeat(64)}`;
const IMAGE = digest('a');
/** RFC 8032 section 7.1, test 1: a key that everybody has. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PRIVATE = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${SEED}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
});
const PUBLIC = createPublicKey(PRIVATE);
const OTHER = generateKeyPairSync('ed25519');

const PREDICATE: RebuildPredicate = {
  about: { recordId: 'env-3k7q-9w2x', version: 1, recordDigest: digest('b') },
  recipeDigest: digest('c'),
  closureDigest: digest('d'),
  rebuilt: { digest: IMAGE, mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 500 },
  grade: 'identical',
  comparison: {
    grade: 'identical',
    level: 0,
    before: IMAGE,
    after: IMAGE,
    noisePolicy: 'noise/1',
    summary: 'The same image manifest.',
    differences: [],
    configDifferences: [],
    packages: [],
  },
  rehearsal: null,
  builder: { executor: 'buildah', name: 'buildah', version: '1.28.2', runtime: null, image: null, flags: [] },
  isolation: {
    executor: 'buildah',
    network: 'replay',
    canary: 'refused',
    clock: { pinnedTo: '2026-11-24T09:00:00Z', hostOffsetSeconds: 0 },
    limits: { memory: 1 },
  },
  replay: { hits: 3, misses: [] },
  startedAt: '2026-11-24T09:00:00Z',
  finishedAt: '2026-11-24T09:01:00Z',
  logDigest: null,
};

function signed(predicateType: string, predicate: Record<string, unknown>, type = IN_TOTO_PAYLOAD_TYPE): DsseEnvelope {
  const subjects = [{ name: 'lab/eeg', digest: IMAGE }];
  return signEnvelope(statementBytes(statement({ subjects, predicateType, predicate })), type, PRIVATE);
}

const receipt = (): DsseEnvelope => signed(REBUILD_PREDICATE_TYPE, PREDICATE);
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const refusal = (reason: string): object => ({ code: 'RECEIPT_INVALID', detail: { reason } });

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('attestation/dsse', () => {
  it('encodes type and payload with their lengths, as the specification shows', () => {
    const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));

    expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('counts bytes, not characters', () => {
    expect(preAuthEncoding('é', Buffer.from('ü')).toString()).toBe('DSSEv1 2 é 2 ü');
  });

  it('signs what another implementation signs with the same key', () => {
    const envelope = signEnvelope(Buffer.from('hello world'), 'http://example.com/HelloWorld', PRIVATE);

    expect(envelope).toEqual({
      payload: 'aGVsbG8gd29ybGQ=',
      payloadType: 'http://example.com/HelloWorld',
      signatures: [
        {
          keyid: '06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9',
          sig: '4DHX3Zn4qpBKvEj7maE8O9u9bjXEnPLLnyXVUJ2PXJR8DSLcL3QDpFvfJOj3pB/SPHsl6Jg4boxsMb6KvuYABw==',
        },
      ],
    });
  });

  it.each([
    ['not-json', Buffer.from('{"payload":')],
    ['not-json', Buffer.from([0x22, 0xff, 0x22])],
    ['not-an-envelope', bytes([])],
    ['not-an-envelope', bytes({ payload: 'a b', payloadType: 'x', signatures: [{ sig: 'aa' }] })],
    ['not-an-envelope', bytes({ payload: 'aa', payloadType: 'x', signatures: [] })],
    ['not-an-envelope', bytes({ payload: 'aa', payloadType: 'x', signatures: Array(17).fill({ sig: 'aa' }) })],
    ['too-large', Buffer.alloc(16 * 1024 * 1024 + 1)],
  ])('refuses as %s what is no envelope', (reason, hostile) => {
    expect(thrownBy(() => readEnvelope(hostile))).toMatchObject(refusal(reason));
  });
});

describe('attestation/key-id', () => {
  it('is the sha256 of the public half, for either half', () => {
    expect([keyIdOf(PUBLIC), keyIdOf(PRIVATE)]).toEqual(
      Array(2).fill('06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9'),
    );
  });

  it('reads a public key, and no private one', () => {
    const pem = PUBLIC.export({ type: 'spki', format: 'pem' }).toString();

    expect(keyIdOf(readPublicKey(pem))).toBe(keyIdOf(PUBLIC));
    const secret = PRIVATE.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(thrownBy(() => readPublicKey(secret))).toMatchObject(refusal('not-a-key'));
  });

  it.each(['', 'hello', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'])('refuses %j', (text) => {
    expect(thrownBy(() => readPublicKey(text))).toMatchObject(refusal('not-a-key'));
  });

  it('reads all keys of a text, and refuses a text without any', () => {
    const pem = [PUBLIC, OTHER.publicKey].map((key) => key.export({ type: 'spki', format: 'pem' }).toString());

    expect(readPublicKeys(`# now\n${pem.join('# before\n')}`).map(keyIdOf)).toEqual(
      [PUBLIC, OTHER.publicKey].map(keyIdOf),
    );
    expect(thrownBy(() => readPublicKeys('nothing'))).toMatchObject(refusal('not-a-key'));
  });

  it('refuses a key of another kind', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

    expect(thrownBy(() => readPublicKey(pem))).toMatchObject(refusal('not-a-key'));
  });
});

describe('attestation/receipt', () => {
  it('believes what one of the keys has signed', () => {
    const verified = verifyReceipt(envelopeBytes(receipt()), [OTHER.publicKey, PUBLIC], IMAGE);

    expect(verified).toMatchObject({ kind: 'rebuild', keyId: keyIdOf(PUBLIC), predicate: PREDICATE });
  });

  it('takes the other alphabet of base64, and a signature without a key identifier', () => {
    const { payload, payloadType, signatures } = receipt();
    const urlSafe = (text: string): string => Buffer.from(text, 'base64').toString('base64url');
    const spelled = { payload: urlSafe(payload), payloadType, signatures: [{ sig: urlSafe(signatures[0]!.sig) }] };

    expect(verifyReceipt(bytes(spelled), [PUBLIC]).keyId).toBe(keyIdOf(PUBLIC));
  });

  it('finds the right signature among several', () => {
    const envelope = receipt();
    const foreign = { keyid: 'somebody', sig: Buffer.alloc(64).toString('base64') };

    const both = { ...envelope, signatures: [foreign, ...envelope.signatures] };

    expect(verifyReceipt(bytes(both), [PUBLIC]).keyId).toBe(keyIdOf(PUBLIC));
  });

  it('refuses a payload of which one character was changed', () => {
    const envelope = receipt();
    const payload = Buffer.from(envelope.payload, 'base64').toString().replace('"identical"', '"identicaI"');
    const changed = { ...envelope, payload: Buffer.from(payload).toString('base64') };

    expect(thrownBy(() => verifyReceipt(bytes(changed), [PUBLIC]))).toMatchObject(refusal('signature-wrong'));
  });

  it('refuses a payload under another type: the type is signed too', () => {
    const changed = { ...receipt(), payloadType: 'text/plain' };

    expect(thrownBy(() => verifyReceipt(bytes(changed), [PUBLIC]))).toMatchObject(refusal('signature-wrong'));
  });

  it('names a key that it does not have', () => {
    const refused = thrownBy(() => verifyReceipt(envelopeBytes(receipt()), [OTHER.publicKey]));

    expect(refused).toMatchObject({ detail: { reason: 'unknown-key', keyIds: [keyIdOf(PUBLIC)] } });
  });

  it('refuses a receipt about something else than the person asks for', () => {
    const refused = thrownBy(() => verifyReceipt(envelopeBytes(receipt()), [PUBLIC], digest('9')));

    expect(refused).toMatchObject({ detail: { reason: 'subject-differs', expected: digest('9'), actual: [IMAGE] } });
  });

  it.each([
    ['payload-type', signed(REBUILD_PREDICATE_TYPE, PREDICATE, 'text/plain')],
    ['payload-not-json', signEnvelope(Buffer.from('{'), IN_TOTO_PAYLOAD_TYPE, PRIVATE)],
    ['not-a-statement', signEnvelope(Buffer.from('{}'), IN_TOTO_PAYLOAD_TYPE, PRIVATE)],
    ['predicate-type', signed('https://slsa.dev/provenance/v1', {})],
    ['predicate-invalid', signed(REBUILD_PREDICATE_TYPE, { ...PREDICATE, grade: 'perfect' })],
    ['predicate-invalid', signed(RERUN_PREDICATE_TYPE, PREDICATE)],
  ])('refuses as %s what is signed but is no receipt', (reason, envelope) => {
    expect(thrownBy(() => verifyReceipt(envelopeBytes(envelope), [PUBLIC]))).toMatchObject(refusal(reason));
  });

  it('believes statements of any kind where only the envelope is asked about', () => {
    const envelope = signed('https://slsa.dev/provenance/v1', { buildType: 'x' });

    expect(verifyEnvelope(envelopeBytes(envelope), [PUBLIC]).statement).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'lab/eeg', digest: { sha256: 'a'.repeat(64) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { buildType: 'x' },
    });
  });

  it('reads without believing', () => {
    const { kind, keyIds } = readReceipt(envelopeBytes(receipt()));

    expect({ kind, keyIds }).toEqual({ kind: 'rebuild', keyIds: [keyIdOf(PUBLIC)] });
  });
});
