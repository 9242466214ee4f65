import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  envelopeBytes,
  IN_TOTO_PAYLOAD_TYPE,
  signEnvelope,
  statement,
  statementBytes,
  verifyEnvelope,
} from '@envarium/attestation';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { itWithClient, runProgram } from './client-program.js';

const PYTHON = 'python-securesystemslib';
const INSTALLATION = 'test/tools/install-clients.sh installs it';

/** The other implementation checks an envelope with a public key, and says what it holds. */
const VERIFY = `
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
envelope = Envelope.from_dict(json.load(open('envelope.json')))
keyid = next(iter(envelope.signatures))
key = SSlibKey.from_crypto(load_pem_public_key(open('public.pem', 'rb').read()), keyid=keyid)
envelope.verify([key], 1)
sys.stdout.write(envelope.payload.decode())
`;
/** It signs a payload with a private key. */
const SIGN = `
import json
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner
envelope = Envelope(open('payload.json', 'rb').read(), '${IN_TOTO_PAYLOAD_TYPE}', {})
envelope.sign(CryptoSigner(load_pem_private_key(open('private.pem', 'rb').read(), None)))
json.dump(envelope.to_dict(), open('envelope.json', 'w'))
`;

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const payload = statementBytes(
  statement({
    subjects: [{ name: 'lab/eeg', digest: `sha256:${'a'.repeat(64)}` }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: { title: 'Ünïcode, and a \u2028 line separator' },
  }),
);

describe('conformance/dsse', () => {
  let directory: string;
  const file = (name: string): string => path.join(directory, name);
  const python = (script: string): Promise<string> => runProgram(PYTHON, ['-c', script], directory);

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-dsse-'));
    await writeFile(file('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    await writeFile(file('private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeFile(file('payload.json'), payload);
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  itWithClient(PYTHON, INSTALLATION, 'verifies an envelope of ours', async () => {
    await writeFile(file('envelope.json'), envelopeBytes(signEnvelope(payload, IN_TOTO_PAYLOAD_TYPE, privateKey)));

    expect(await python(VERIFY)).toBe(payload.toString());
  });

  itWithClient(PYTHON, INSTALLATION, 'refuses an envelope of ours that was changed', async () => {
    const envelope = signEnvelope(payload, IN_TOTO_PAYLOAD_TYPE, privateKey);
    await writeFile(file('envelope.json'), envelopeBytes({ ...envelope, payloadType: 'text/plain' }));

    await expect(python(VERIFY)).rejects.toThrow('VerificationError');
  });

  itWithClient(PYTHON, INSTALLATION, 'signs an envelope that holds here', async () => {
    await python(SIGN);

    const { statement: read } = verifyEnvelope(await readFile(file('envelope.json')), [publicKey]);

    expect(read).toEqual(JSON.parse(payload.toString()));
  });
});
