import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assembleManifest } from '@envarium/environments';
import { readEnvironmentFile } from '@envarium/formats';
import type { EnvironmentManifest } from '@envarium/schema';
import { serializeCycloneDx, serializeSpdx } from '@envarium/serializers';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { itWithClient, runProgram } from './client-program.js';

const PYTHON = 'python-sbom';
const INSTALLATION = 'test/tools/install-clients.sh installs it';

/** CycloneDX's own library, with its schema; strict: what the schema does not know is refused. */
const CYCLONEDX = `
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open('document.json').read())
print('valid' if error is None else error)
`;
/** SPDX's own library: its model, and what the specification says beyond the schema. */
const SPDX = `
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
document = parse_file('document.spdx.json')
messages = validate_full_spdx_document(document, 'SPDX-2.3')
print('valid' if not messages else [m.validation_message for m in messages[:5]])
print(len(document.packages))
`;

const HASH = 'a'.repeat(64);
const FILES: Readonly<Record<string, string>> = {
  'requirements.txt':
    `NumPy==1.26.4 --hash=sha256:${HASH} --hash=sha256:${'b'.repeat(64)}\nscipy>=1.0\nodd===2004d\n` +
    'own @ https://files.example.org/own-1.0.zip\nmine @ git+https://git.example.org/m/mine@0123456789abcdef0123456789abcdef01234567\n',
  'spec.txt': `@EXPLICIT\nhttps://conda.example.org/forge/linux-64/zlib-1.3.1-h1_0.conda#${'d'.repeat(32)}\n`,
  'package-lock.json': JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { name: 'x' },
      'node_modules/@o/a': {
        version: '1.0.0',
        resolved: 'https://npm.example.org/@o/a/-/a-1.0.0.tgz',
        integrity: `sha512-${'A'.repeat(86)}==`,
      },
      'node_modules/b': { version: 'latest' },
    },
  }),
  Dockerfile: 'FROM debian:bookworm\nENV A=1\nRUN apt-get install -y curl\n',
  status: 'Package: g++\nStatus: install ok installed\nVersion: 4:12.2.0-3\nArchitecture: amd64\n',
};

function sample(): EnvironmentManifest {
  return assembleManifest(
    Object.entries(FILES).map(([name, text]) => {
      const reading = readEnvironmentFile(Buffer.from(text), name);
      if (reading.outcome !== 'understood') throw new Error(`${name}: ${reading.problem.message}`);
      return { path: name, spec: reading.spec };
    }),
  );
}

describe('conformance/sbom', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-sbom-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });
  const subject = { name: 'lab/eeg', version: 'v1' };
  const check = async (name: string, bytes: Uint8Array, script: string): Promise<string> => {
    await writeFile(path.join(directory, name), bytes);
    return await runProgram(PYTHON, ['-c', script], directory);
  };

  itWithClient(PYTHON, INSTALLATION, 'finds our CycloneDX documents valid', async () => {
    const full = serializeCycloneDx(sample(), subject);
    const empty = serializeCycloneDx({ ...sample(), scopes: [], notUnderstood: [] }, subject);

    expect(await check('document.json', full, CYCLONEDX)).toBe('valid');
    expect(await check('document.json', empty, CYCLONEDX)).toBe('valid');
    const broken = full.toString().replace('"specVersion":"1.6"', '"specVersion":"1.6","colour":"red"');
    expect(await check('document.json', Buffer.from(broken), CYCLONEDX)).not.toBe('valid');
  });

  itWithClient(PYTHON, INSTALLATION, 'finds our SPDX documents valid', async () => {
    const full = serializeSpdx(sample(), { ...subject, created: '2026-11-24T10:00:00.000Z' });
    const empty = serializeSpdx({ ...sample(), scopes: [] }, { ...subject, created: '2026-11-24T10:00:00.000Z' });

    expect(await check('document.spdx.json', full, SPDX)).toBe('valid\n10');
    expect(await check('document.spdx.json', empty, SPDX)).toBe('valid\n1');
    const broken = full.toString().replace('"SPDXRef-Package-1"', '"Package 1"');
    expect(await check('document.spdx.json', Buffer.from(broken), SPDX)).not.toMatch(/^valid/);
  });
});
