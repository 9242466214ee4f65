import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assembleManifest } from '@envarium/environments';
import { readEnvironmentFile } from '@envarium/formats';
import { judgePackageLock, serializePipRequirements } from '@envarium/serializers';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { itWithClient, runProgram } from './client-program.js';

/** A virtual environment, and so one with pip. */
const PYTHON = 'python-sbom';
const INSTALLATION = 'test/tools/install-clients.sh installs it';

/** The smallest wheel that pip takes. */
const WHEEL = `
import sys, zipfile
name = sys.argv[1]
with zipfile.ZipFile(f'{name}-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr(f'{name}.py', 'answer = 42\\n')
    info = f'{name}-1.0.dist-info'
    wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')
    wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(f'{info}/RECORD', '')
`;

/** What is exported is installed by the installers themselves; nothing but this machine is asked. */
describe('conformance/lock-exports', () => {
  let directory: string;
  let server: Server;
  let url: string;
  const file = (name: string): string => path.join(directory, name);
  const hash = (bytes: Uint8Array, algorithm: string, encoding: 'hex' | 'base64'): string =>
    createHash(algorithm).update(bytes).digest(encoding);

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-locks-'));
    server = createServer((request, response) => {
      readFile(path.join(directory, path.basename(request.url ?? ''))).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });

  /** As a deposit would be exported. */
  function exported(lock: string): Buffer {
    const reading = readEnvironmentFile(Buffer.from(lock), 'requirements.txt');
    if (reading.outcome !== 'understood') throw new Error(reading.problem.message);
    const result = serializePipRequirements(assembleManifest([{ path: 'requirements.txt', spec: reading.spec }]));
    if (result.outcome !== 'written') throw new Error(JSON.stringify(result));
    return result.bytes;
  }

  itWithClient(PYTHON, INSTALLATION, 'installs from our pip export, and not from one with another hash', async () => {
    const wheels = await Promise.all(
      ['alpha', 'beta'].map(async (name) => {
        await runProgram(PYTHON, ['-c', WHEEL, name], directory);
        return hash(await readFile(file(`${name}-1.0-py3-none-any.whl`)), 'sha256', 'hex');
      }),
    );
    const lock = `beta @ ${url}/beta-1.0-py3-none-any.whl --hash=sha256:${wheels[1]}\nalpha==1.0 ; python_version >= '3' --hash=sha256:${wheels[0]} --hash=sha256:${'0'.repeat(64)}\n`;
    const install = async (bytes: Buffer): Promise<string> => {
      await writeFile(file('lock.txt'), bytes);
      const where = ['--no-index', '--find-links', directory, '--target', file('installed'), '--no-cache-dir'];
      const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--require-hashes', '--no-deps', ...where];
      return await runProgram(PYTHON, [...pip, '-r', file('lock.txt')], directory);
    };

    const said = await install(exported(lock));

    expect(said).toMatch(/Successfully installed alpha-1\.0 beta-1\.0/);
    expect((await readdir(file('installed'))).filter((name) => name.endsWith('.py'))).toEqual(['alpha.py', 'beta.py']);
    await rm(file('installed'), { recursive: true });
    const other = lock.replace(wheels[0] ?? '', 'f'.repeat(64));
    await expect(install(exported(other))).rejects.toThrow(/DO NOT MATCH THE HASHES/);
  });

  itWithClient('npm', 'it comes with Node', 'installs from our npm export', async () => {
    const source = file('source');
    await mkdir(source);
    await writeFile(path.join(source, 'package.json'), JSON.stringify({ name: 'gamma', version: '1.0.0' }));
    await runProgram('npm', ['pack', '--offline', '--silent', source], directory);
    const tarball = await readFile(file('gamma-1.0.0.tgz'));
    const root = { name: 'project', version: '1.0.0', dependencies: { gamma: '1.0.0' } };
    const lock = {
      name: 'project',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: {
        '': root,
        'node_modules/gamma': {
          version: '1.0.0',
          resolved: `${url}/gamma-1.0.0.tgz`,
          integrity: `sha512-${hash(tarball, 'sha512', 'base64')}`,
        },
      },
    };
    const bytes = Buffer.from(JSON.stringify(lock));
    const project = file('project');
    await mkdir(project);
    await writeFile(path.join(project, 'package.json'), JSON.stringify(root));
    await writeFile(path.join(project, 'package-lock.json'), bytes);

    const judged = judgePackageLock([{ file: 'package-lock.json', bytes }]);
    await runProgram('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', project], directory);

    expect(judged).toEqual({ outcome: 'deposited', file: 'package-lock.json' });
    const installed: unknown = JSON.parse(
      await readFile(path.join(project, 'node_modules/gamma/package.json'), 'utf8'),
    );
    expect(installed).toMatchObject({ name: 'gamma', version: '1.0.0' });
  });
});
