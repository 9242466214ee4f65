import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const HASH = 'a'.repeat(64);
const CHANNEL = 'https://conda.example.org/conda-forge';
const PIP_LOCK = `numpy==1.26.4 \\\n    --hash=sha256:${HASH}\n`;
const CONDA_LOCK = `@EXPLICIT\n${CHANNEL}/linux-64/zlib-1.3.1-h1_0.conda#${'d'.repeat(32)}\n`;
const PACKAGE_LOCK = JSON.stringify({
  name: 'x',
  lockfileVersion: 3,
  packages: {
    '': { name: 'x', dependencies: { a: '1.0.0' } },
    'node_modules/a': {
      version: '1.0.0',
      resolved: 'https://npm.example.org/a/-/a-1.0.0.tgz',
      integrity: `sha512-${'A'.repeat(86)}==`,
    },
  },
});
const RENV_LOCK = JSON.stringify({
  R: { Version: '4.3.1', Repositories: [{ Name: 'CRAN', URL: 'https://cran.example.org' }] },
  Packages: { R6: { Package: 'R6', Version: '2.5.1', Source: 'Repository', Repository: 'CRAN', Hash: 'b'.repeat(32) } },
});

describe('e2e/rest-exports', () => {
  let server: TestServer;
  let author: RestClient;
  let reader: RestClient;
  const exportPath = (format: string, version = 'lab/exact@v1') =>
    `versions/${encodeURIComponent(version)}/export/${format}`;

  beforeAll(async () => {
    server = await startTestServer();
    author = await server.account('ada', { lab: 'owner' });
    reader = server.anonymous;
    await author.publish('lab/exact', {
      'requirements.txt': PIP_LOCK,
      'conda.lock': CONDA_LOCK,
      'package-lock.json': PACKAGE_LOCK,
      'renv.lock': RENV_LOCK,
    });
    await author.publish('lab/loose', { 'requirements.txt': 'numpy>=1.20\nscipy==1.13.0\n' });
    await author.publish('lab/opaque', { 'data.conf': 'plot: figure 3\n' });
  });
  afterAll(async () => {
    await server.stop();
  });

  it('gives both bills of materials, the same bytes each time', async () => {
    const cyclonedx = await reader.get(exportPath('cyclonedx')).buffer(true).expect(200);
    const spdx = await reader.get(exportPath('spdx')).expect(200);
    const again = await reader.get(exportPath('spdx')).expect(200);

    expect(cyclonedx.headers).toMatchObject({
      'content-type': 'application/vnd.cyclonedx+json',
      'content-disposition': 'attachment; filename="lab-exact-v1.cdx.json"',
      'x-content-type-options': 'nosniff',
    });
    expect(spdx.headers['content-type']).toBe('application/spdx+json');
    expect(spdx.text).toBe(again.text);
    expect(spdx.headers['etag']).toBe(`"${digestOf(Buffer.from(spdx.text))}"`);
    expect(JSON.parse(spdx.text)).toMatchObject({ spdxVersion: 'SPDX-2.3', name: 'lab/exact v1' });
  });

  it('gives the bill of materials that was archived with a published version', async () => {
    const version = await reader.get('versions/lab%2Fexact@v1').expect(200);
    const { recordDigest } = version.body as { recordDigest: string };
    const manifest = await reader.get(`/v2/lab/exact/manifests/${recordDigest}`).expect(200);
    const { layers } = JSON.parse(manifest.text ?? String(manifest.body)) as {
      layers: { mediaType: string; digest: string }[];
    };
    const layer = layers.find(({ mediaType }) => mediaType === 'application/vnd.cyclonedx+json');
    const archived = await reader
      .get(`/v2/lab/exact/blobs/${layer?.digest ?? ''}`)
      .buffer(true)
      .expect(200);
    const exported = await reader.get(exportPath('cyclonedx')).buffer(true).expect(200);

    expect(exported.text ?? String(exported.body)).toBe(String(archived.body));
  });

  it('makes lock files of pip and conda that an installer reads', async () => {
    const pip = await reader.get(exportPath('pip')).expect(200);
    const conda = await reader.get(exportPath('conda')).expect(200);

    expect(pip.text).toContain(`numpy==1.26.4 \\\n    --hash=sha256:${HASH}\n`);
    expect(pip.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(conda.text).toContain(`@EXPLICIT\n${CHANNEL}/linux-64/zlib-1.3.1-h1_0.conda#${'d'.repeat(32)}\n`);
  });

  it('gives deposited lock files of npm and renv back, byte for byte', async () => {
    expect((await reader.get(exportPath('npm')).expect(200)).text).toBe(PACKAGE_LOCK);
    expect((await reader.get(exportPath('renv')).expect(200)).text).toBe(RENV_LOCK);
  });

  it('refuses what is not exact, with the reason and the first offenders', async () => {
    const { body } = await reader.get(exportPath('pip', 'lab/loose@v1')).expect(409);

    expect(body).toMatchObject({
      code: 'EXPORT_REFUSED',
      errors: {
        format: 'pip',
        reason: 'not-exact',
        offenderCount: 2,
        offenders: [
          { package: 'numpy', version: null, file: 'requirements.txt', line: 1, fault: 'no-version' },
          { package: 'scipy', version: '1.13.0', file: 'requirements.txt', line: 2, fault: 'no-hash' },
        ],
      },
    });
  });

  it.each([
    ['npm', 'no-lock-file'],
    ['renv', 'no-packages'],
    ['conda', 'no-packages'],
  ])('refuses %s where there is nothing of it: %s', async (format, reason) => {
    const { body } = await reader.get(exportPath(format, 'lab/loose@v1')).expect(409);

    expect(body).toMatchObject({ code: 'EXPORT_REFUSED', errors: { reason } });
  });

  it('says that nothing was understood, instead of an empty list', async () => {
    const { body } = await reader.get(exportPath('cyclonedx', 'lab/opaque@v1')).expect(404);

    expect(body).toMatchObject({ code: 'ENVIRONMENT_UNKNOWN' });
  });

  it('refuses unknown formats and questions, and versions that a reader may not see', async () => {
    await author.deposit('lab/draft', { 'requirements.txt': PIP_LOCK }).expect(201);

    expect((await reader.get(exportPath('zip'))).status).toBe(400);
    expect((await reader.get(`${exportPath('pip')}?file=${'x'.repeat(2000)}`)).status).toBe(400);
    expect((await reader.get(`${exportPath('pip')}?file=other.txt`)).body).toMatchObject({
      errors: { reason: 'file-unknown', choices: ['requirements.txt'] },
    });
    expect((await reader.get(exportPath('pip', 'lab/draft@v1'))).status).toBe(404);
    expect((await author.get(exportPath('pip', 'lab/draft@v1'))).status).toBe(200);
  });
});
