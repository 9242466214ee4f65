import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestClient } from './rest-client.js';
import { type PushedImage, pushImage, startTestServer, type TestServer } from './server-harness.js';

const DOI = '10.5555/pages.1';
const FIGURE = 'f3'.repeat(32);
const HOSTILE = '</title></script><script>alert("title")</script> & "quoted"';
const ESCAPED = '&lt;/title>&lt;/script>&lt;script>alert(&quot;title&quot;)&lt;/script> &amp; &quot;quoted&quot;';
const CPUINFO =
  'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2\n';
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

let server: TestServer;
let author: RestClient;
let image: PushedImage;
let recordId: string;
let recordDigest: string;

async function open(path: string): Promise<{ status: number; html: string; headers: Headers }> {
  const answer = await fetch(new URL(path, server.url), { headers: { Accept: 'text/html' }, redirect: 'manual' });
  return { status: answer.status, html: await answer.text(), headers: answer.headers };
}

beforeAll(async () => {
  server = await startTestServer();
  author = await server.account('ada', { lab: 'owner', secret: 'owner' });
  image = await pushImage(author, 'lab/eeg', 'work');
  const packages = Array.from({ length: 230 }, (_, i) => `package-${i}==1.${i}`).join('\n');
  const files = {
    'requirements.txt': `${packages}\npandas>=2.0\n./local\n`,
    'hardware/cpuinfo': CPUINFO,
    'notes & more.txt': 'nothing that we read',
  };
  await author.publish('lab/eeg', files, {
    title: HOSTILE,
    description: '<img src=x onerror=alert(1)>',
    image: 'work',
  });
  await author
    .post('versions/lab%2Feeg@v1/links', {
      article: DOI,
      articleTitle: 'On <i>oscillations</i>',
      output: 'Fig. 3b',
      command: 'python fig3.py && echo "<done>"',
      inputs: [{ name: 'data.csv', digest: `sha256:${'d0'.repeat(32)}`, size: 2048 }],
      files: [{ name: '<svg onload=alert(1)>.svg', digest: `sha256:${FIGURE}`, size: 1536 }],
    })
    .expect(201);
  await author.publish('lab/eeg', { 'requirements.txt': 'numpy==2.0.0\n' }, { title: 'Corrected' });
  await author.publish('secret/study', { 'requirements.txt': 'numpy==1.0\n' }, { visibility: 'private' });
  await author.deposit('lab/draft', { 'requirements.txt': 'numpy==1.0\n' }, { title: 'Not yet' }).expect(201);
  const version = await server.anonymous.get('versions/lab%2Feeg@v1').expect(200);
  recordId = version.body.recordId;
  recordDigest = version.body.recordDigest;
});

afterAll(async () => {
  await server.stop();
});

describe('pages/home', () => {
  it('shows what this is, the search and public records only', async () => {
    const { status, html } = await open('/');

    expect(status).toBe(200);
    expect(html).toContain('<form class="card" action="/what-ran" method="get" role="search">');
    for (const name of ['doi', 'output', 'file', 'record']) expect(html).toContain(`<label for="${name}">`);
    expect(html).toContain(`href="/records/${recordId}"`);
    expect(html).toContain('Corrected');
    expect(html).toContain(`envarium login ${server.url}`);
    expect(html).not.toContain('secret/study');
    expect(html).not.toContain('Not yet');
  });

  it('lets nothing run and nothing be loaded but the stylesheet', async () => {
    const { html, headers } = await open('/');

    expect(headers.get('content-security-policy')).toBe(POLICY);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(html).not.toMatch(/<(?:script|img|iframe|object|link rel="stylesheet")[^>]*="https?:/);
    expect(html).not.toMatch(/ style=| on[a-z]+=/);
  });

  it('serves the stylesheet for ever under its version, and only under that', async () => {
    const { html } = await open('/');
    const path = /<link rel="stylesheet" href="([^"]+)"/.exec(html)?.[1] ?? '';

    const ours = await fetch(new URL(path, server.url));
    const other = await fetch(new URL('/assets/style.css?v=0123456789abcdef', server.url));

    expect(ours.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(ours.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await ours.text()).toContain('prefers-color-scheme: dark');
    expect(other.headers.get('cache-control')).toBe('no-cache');
  });
});

describe('pages/record', () => {
  it('leads from the repository name to the identifier', async () => {
    const byName = await open('/records/lab%2Feeg');
    const version = await open('/records/lab%2Feeg/v/1');
    const reference = await open('/records/lab%2Feeg%40v1');

    expect([byName.status, byName.headers.get('location')]).toEqual([302, `/records/${recordId}`]);
    expect([version.status, version.headers.get('location')]).toEqual([302, `/records/${recordId}/v/1`]);
    expect(reference.headers.get('location')).toBe(`/records/${recordId}/v/1`);
  });

  it('shows the newest published version, and every version', async () => {
    const { html } = await open(`/records/${recordId}`);

    expect(html).toContain('<bdi>Corrected</bdi></h1>');
    expect(html).toContain('<strong aria-current="page">Version 2</strong>');
    expect(html).toContain(`<a href="/records/${recordId}/v/1">Version 1</a>`);
    expect(html).not.toContain('There is a newer version');
  });

  it('shows an older version with everything needed to run it again', async () => {
    const { html } = await open(`/records/${recordId}/v/1`);
    const host = new URL(server.url).host;

    expect(html).toContain(`There is a newer version: <a href="/records/${recordId}/v/2">`);
    expect(html).toContain(image.digest);
    for (const command of [
      'docker pull ',
      'podman pull --tls-verify=false ',
      'skopeo copy --src-tls-verify=false --all docker://',
    ]) {
      expect(html).toContain(`${command}${host}/lab/eeg@${image.digest}`);
    }
    expect(html).toContain(`apptainer pull --no-https lab-eeg.sif docker://${host}/lab/eeg@${image.digest}`);
    const [, tar = ''] = /href="(\/api\/v1\/versions\/[^"]+\/image\.tar)"/.exec(html) ?? [];
    expect((await fetch(`${server.url}${tar}`, { method: 'HEAD' })).headers.get('docker-content-digest')).toBe(
      image.digest,
    );
    expect(html).toContain('231 packages: pypi 231');
    expect(html).toContain('The first 200 packages');
    expect(html).toContain('Intel(R) Xeon(R)');
    expect(html).toContain(
      '<strong>pull</strong> <span class="tag good">identical</span> the same image, byte for byte',
    );
    expect(html).toContain(
      '<strong>re-resolve</strong> <span class="tag warn">partial</span> <span class="tag warn">approximate</span>',
    );
    expect(html).toContain('<summary>Commands to paste</summary>');
    expect(html).toContain('kind: Pod\n');
    expect(html).toContain('<li>rebuild: <bdi>nothing was recorded for a rebuild of this version</bdi></li>');
    expect(html).toContain('last fixity check of all of them: not completed yet');
    expect(html).toContain(`curl -s ${server.url}/v2/lab/eeg/manifests/${recordDigest} | sha256sum`);
    expect(html).toContain('published: kept for as long as this archive exists');
    expect(html).toContain(`<a href="/articles/10.5555%2Fpages.1">`);
    expect(html).toContain('1.5 KiB');
  });

  it('says what was understood of each file and what was not', async () => {
    const { html } = await open(`/records/${recordId}/v/1`);

    expect(html).toMatch(
      /notes &amp; more\.txt<\/bdi><\/a><\/td><td class="number">20 bytes<\/td><td><span class="soft">not read/,
    );
    expect(html).toContain('<code>pip-requirements</code>');
    expect(html).toMatch(/<div class="warn"><bdi>[^<]+<\/bdi> \(line 232\)<\/div>/);
  });

  it('leads to the exports, lock files only of the ecosystems that are there', async () => {
    const { html } = await open(`/records/${recordId}/v/1`);
    const [, spdx = ''] = /<a href="([^"]+\/export\/spdx)">SPDX<\/a>/.exec(html) ?? [];

    expect((await fetch(new URL(spdx, server.url))).headers.get('content-type')).toBe('application/spdx+json');
    expect([...html.matchAll(/\/export\/(\w+)"/g)].map(([, format]) => format)).toEqual(['cyclonedx', 'spdx', 'pip']);
  });

  it('continues the package table in the API', async () => {
    const { html } = await open(`/records/${recordId}/v/1`);
    const path = /<a href="([^"]+packages\?cursor=[^"]+)"/.exec(html)?.[1] ?? '';

    const rest = await fetch(new URL(path, server.url));

    expect(((await rest.json()) as { items: unknown[] }).items).toHaveLength(30);
  });

  it('escapes titles, names and commands', async () => {
    const { html } = await open(`/records/${recordId}/v/1`);

    expect(html).toContain(`<bdi>${ESCAPED}</bdi></h1>`);
    expect(html).toContain('&lt;img src=x onerror=alert(1)>');
    expect(html).toContain('&lt;svg onload=alert(1)>.svg');
    expect(html).toContain('python fig3.py &amp;&amp; echo &quot;&lt;done>&quot;');
    expect(html).not.toMatch(/<script(?! type="application\/ld\+json">)|<img|<svg|<i>|<b>/);
  });

  it('describes itself in JSON-LD that a title cannot break out of', async () => {
    const { html } = await open(`/records/${recordId}/v/1`);

    const scripts = [...html.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)].map(
      (match) => match[1]!,
    );

    expect(scripts).toHaveLength(1);
    expect(JSON.parse(scripts[0]!)).toMatchObject({
      '@context': 'https://schema.org',
      '@type': 'SoftwareApplication',
      '@id': `${server.url}/records/${recordId}/v/1`,
      name: HOSTILE,
      identifier: [recordId, recordDigest],
      version: '1',
      creator: { name: 'ada' },
      subjectOf: [
        { '@type': 'ScholarlyArticle', '@id': 'https://doi.org/10.5555/pages.1', name: 'On <i>oscillations</i>' },
      ],
    });
  });

  it('says withdrawn, with the reason', async () => {
    await author.publish('lab/wrong', { 'requirements.txt': 'numpy==1.0\n' });
    await server.sql(
      `UPDATE record_version SET state = 'withdrawn', withdrawn_at = now(), withdrawal_reason = 'wrong <data>'
       WHERE record_id = (SELECT a.id FROM archive_record a JOIN repository r ON r.id = a.repository_id WHERE r.name = 'lab/wrong')`,
    );
    const path = (await open('/records/lab%2Fwrong')).headers.get('location') ?? '';

    const { html, status } = await open(path);

    expect(status).toBe(200);
    expect(html).toContain('<strong>Withdrawn</strong>');
    expect(html).toContain('wrong &lt;data>');
  });

  it.each([
    '/records/lab%2Fdraft',
    '/records/lab%2Fdraft%40v1',
    '/records/secret%2Fstudy',
    '/records/secret%2Fstudy/v/1',
    '/records/env-0000-0000',
    '/records/lab%2Feeg/v/3',
    '/records/lab%2Feeg/v/0',
    '/records/lab%2Feeg/v/99999999999999999999',
    '/records/%00',
    '/nothing-here',
  ])('answers %s with a page that says 404', async (path) => {
    const { status, html, headers } = await open(path);

    expect(status).toBe(404);
    expect(headers.get('content-security-policy')).toBe(POLICY);
    expect(html).toContain('<form class="card" action="/what-ran"');
  });

  it('shows a draft to nobody, not even with the token of its author', async () => {
    const answer = await fetch(new URL('/records/lab%2Fdraft', server.url), {
      headers: { Accept: 'text/html', Authorization: `Bearer ${author.token}` },
    });

    expect(answer.status).toBe(404);
  });
});

describe('pages/problem', () => {
  it.each([
    ['/nothing-here', 'application/json'],
    ['/nothing-here', '*/*'],
    ['/api/v1/records/lab%2Fnothing', 'text/html'],
  ])('keeps problem+json for %s asked as %s', async (path, accept) => {
    const answer = await fetch(new URL(path, server.url), { headers: { Accept: accept } });

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('pages/failure', () => {
  it('shows nothing of a failure of ours but the id of the request', async () => {
    await server.sql('ALTER TABLE hold RENAME TO hold_away');
    try {
      const { status, html, headers } = await open(`/records/${recordId}`);

      expect(status).toBe(500);
      expect(headers.get('content-security-policy')).toBe(POLICY);
      expect(html).toContain(`Request <code>${headers.get('x-request-id')}</code>`);
      expect(html).not.toMatch(/hold_away|relation|prisma/i);
    } finally {
      await server.sql('ALTER TABLE hold_away RENAME TO hold');
    }
  });
});

describe('pages/article', () => {
  it.each([
    '/articles/10.5555/pages.1',
    '/articles/10.5555%2FPAGES.1',
    '/articles/https%3A%2F%2Fdoi.org%2F10.5555%2Fpages.1',
  ])('shows the outputs and what ran each at %s', async (path) => {
    const { status, html } = await open(path);

    expect(status).toBe(200);
    expect(html).toContain('On &lt;i>oscillations&lt;/i>');
    expect(html).toContain('<a href="https://doi.org/10.5555/pages.1">');
    expect(html).toContain('<a href="/what-ran?doi=10.5555%2Fpages.1&amp;output=Figure+3b">Figure 3b</a>');
    expect(html).toContain(`<a href="/records/${recordId}/v/1">`);
    expect(html).toMatch(/<span class="tag warn">proposed<\/span><span>asserted by <bdi>ada<\/bdi> as author/);
  });

  it('answers a DOI that nobody linked with 404, and what is no DOI with 400', async () => {
    expect((await open('/articles/10.5555/unknown')).status).toBe(404);
    expect((await open('/articles/what')).status).toBe(400);
  });
});

describe('pages/what-ran', () => {
  it.each([
    `doi=${DOI}&output=Figure%203b&file=&record=`,
    `doi=https%3A%2F%2Fdoi.org%2F${DOI}&output=Fig.+3B`,
    `doi=${DOI}`,
    `doi=&output=&file=${FIGURE}`,
    `file=sha256:${FIGURE}`,
    `file=${FIGURE.toUpperCase()}++fig3.svg`,
  ])('answers ?%s', async (query) => {
    const { status, html } = await open(`/what-ran?${query}`);

    expect(status).toBe(200);
    expect(html).toContain(`<a href="/records/${recordId}/v/1">`);
    expect(html).toContain(`docker pull ${new URL(server.url).host}/lab/eeg@${image.digest}`);
    expect(html).toContain('asserted by <bdi>ada</bdi> as author');
    expect(html).toContain(`<a href="/records/${recordId}/v/1#routes">Ways to obtain the environment</a>`);
    expect(html).toContain('<li><strong>pull</strong> <span class="tag good">identical</span>');
  });

  it('leads to the record that was typed', async () => {
    const { status, headers } = await open('/what-ran?doi=&output=&file=&record=lab%2Feeg');

    expect([status, headers.get('location')]).toEqual([302, '/records/lab%2Feeg']);
  });

  it('cannot be made to lead elsewhere', async () => {
    const { headers } = await open('/what-ran?record=%2F%2Fevil.example.org%2F');

    expect(headers.get('location')).toBe('/records/%2F%2Fevil.example.org%2F');
  });

  it('says that nobody linked it, which is no error', async () => {
    const { status, html } = await open('/what-ran?doi=10.5555/other&output=Figure+1');

    expect(status).toBe(200);
    expect(html).toContain('Nobody has linked this to an archived environment yet.');
  });

  it.each([
    ['doi=what', 'not a DOI.'],
    [`doi=${DOI}&output=somewhere`, 'not the label of a figure, table or other output.'],
    ['output=Figure+3', 'A label needs the DOI of its article.'],
    ['file=abc', 'A SHA-256 has 64 characters'],
    [`doi=${DOI}&record=lab/eeg`, 'Fill in one of'],
  ])('shows what is wrong with ?%s beside what was typed', async (query, problem) => {
    const { status, html } = await open(`/what-ran?${query}`);

    expect(status).toBe(400);
    expect(html).toContain(problem);
    for (const [name, value] of new URLSearchParams(query)) expect(html).toContain(`name="${name}" value="${value}"`);
  });

  it('escapes what was typed', async () => {
    const { html } = await open(`/what-ran?doi=${encodeURIComponent('"><script>alert(1)</script>')}`);

    expect(html).toContain('value="&quot;>&lt;script>alert(1)&lt;/script>"');
    expect(html).not.toContain('<script');
  });

  it('shows an empty form when nothing was asked', async () => {
    const { status, html } = await open('/what-ran');

    expect(status).toBe(200);
    expect(html).toContain('<h1>What ran a published result</h1>');
  });
});

describe('pages/diff', () => {
  it('says what changed between two versions, in sentences and package by package', async () => {
    const { status, html } = await open('/diff?from=lab%2Feeg%40v1&to=lab%2Feeg%40v2');

    expect(status).toBe(200);
    expect(html).toContain('<h1>What changed from <bdi>lab/eeg@v1</bdi> to <bdi>lab/eeg@v2</bdi></h1>');
    expect(html).toContain('<li><bdi>Only lab/eeg@v1 has an image.</bdi></li>');
    expect(html).toContain('<bdi>numpy</bdi> <span class="soft">pypi</span>');
    expect(html).toContain('name="from" value="lab/eeg@v1"');
  });

  it('is reached from the list of versions, from the older to the newer', async () => {
    const link = `<a href="/diff?from=${recordId}%40v1&amp;to=${recordId}%40v2">what changed</a>`;

    expect((await open(`/records/${recordId}/v/1`)).html).toContain(link);
    expect((await open(`/records/${recordId}/v/2`)).html).toContain(link);
  });

  it.each([
    ['from=lab%2Feeg%40v1&to=', 400, 'Name two versions.'],
    ['from=lab%2Feeg%40v1&to=lab%2Feeg%40v9', 404, 'record version not found.'],
    ['from=lab%2Feeg%40v1&to=secret%2Fstudy%40v1', 404, 'record version not found.'],
    ['from=lab%2Feeg%40v1&to=%3Cscript%3E', 404, 'record not found.'],
  ])('shows what is wrong with ?%s', async (query, status, problem) => {
    const answer = await open(`/diff?${query}`);

    expect(answer.status).toBe(status);
    expect(answer.html).toContain(problem);
    expect(answer.html).not.toContain('<script');
  });

  it('shows an empty form when nothing was asked', async () => {
    expect((await open('/diff')).html).toContain('<h1>What changed between two versions</h1>');
  });
});
