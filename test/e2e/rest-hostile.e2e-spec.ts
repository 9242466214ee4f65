import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const file = (path: string): object => ({ path, text: 'numpy==1.26.4\n' });
const files = (count: number): object[] => Array.from({ length: count }, (_, i) => file(`f${i}`));

/** What the server must say to input that it cannot take: a problem document with a code of the table, never a 5xx. */
describe('e2e/rest-hostile', () => {
  let server: TestServer;
  let author: RestClient;

  beforeAll(async () => {
    server = await startTestServer();
    author = await server.account('ada', { lab: 'owner' });
    await author.publish('lab/eeg', { 'requirements.txt': 'numpy==1.26.4\n' });
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each([
    ['an absolute path', [file('/etc/passwd')], 'absolute-path'],
    ['a path that leaves the deposit', [file('a/../../b')], 'leaves-the-deposit'],
    ['a path of dots', [file('./a')], 'not-normal'],
    ['an empty component', [file('a//b')], 'not-normal'],
    ['a path that ends in a slash', [file('a/')], 'not-normal'],
    ['a backslash', [file('a\\b')], 'forbidden-character'],
    ['a NUL byte in a path', [file('a\0b')], 'forbidden-character'],
    ['a line feed in a path', [file('a\nb')], 'forbidden-character'],
    ['half of a surrogate pair in a path', [file('a\ud800')], 'not-well-formed'],
    ['33 directories', [file('a/'.repeat(32) + 'b')], 'too-deep'],
    ['the same path twice', [file('a'), file('a')], 'same-path-twice'],
    ['the same path in another case', [file('A.txt'), file('a.TXT')], 'same-path-twice'],
    ['the same path, composed and decomposed', [file('\u00e9'), file('e\u0301')], 'same-path-twice'],
    ['a digest that nobody pushed', [{ path: 'a', digest: DIGEST }], 'blob-not-in-repository'],
  ])('refuses a deposit with %s', async (_, list, reason) => {
    const answer = author.post('deposits', { repository: 'lab/new', files: list });

    expect(await problemOf(answer)).toMatchObject({ status: 422, code: 'DEPOSIT_INVALID', errors: { reason: reason } });
  });

  it.each([
    ['2,001 files', { files: files(2001) }],
    ['a file with text and digest', { files: [{ path: 'a', text: 'x', digest: DIGEST }] }],
    ['a file without content', { files: [{ path: 'a' }] }],
    ['an empty path', { files: [file('')] }],
    ['a path of 1,025 characters', { files: [file('a'.repeat(1025))] }],
    ['a sha512 digest', { files: [{ path: 'a', digest: `sha512:${'a'.repeat(128)}` }] }],
    ['a digest in capitals', { files: [{ path: 'a', digest: DIGEST.toUpperCase() }] }],
    ['broken base64', { files: [{ path: 'a', base64: 'AAE' }] }],
    ['a text of more than 4 MiB', { files: [{ path: 'a', text: 'x'.repeat(4_194_305) }] }],
    ['a title of blanks', { title: '   ' }],
    ['a NUL byte in the title', { title: 'a\0b' }],
    ['half of a surrogate pair in the title', { title: 'a\ud800b' }],
    ['a NUL byte in the description', { description: 'a\0b' }],
    ['half of a surrogate pair in a text', { files: [{ path: 'a', text: 'a\udc00b' }] }],
    ['an unknown visibility', { visibility: 'secret' }],
    ['files that are no list', { files: { length: 3 } }],
    ['a number for the repository', { repository: 7 }],
  ])('refuses a deposit with %s', async (_, more) => {
    const answer = author.post('deposits', { repository: 'lab/new', files: [file('a')], ...more });

    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  it.each(['Lab/eeg', 'lab', 'lab/../eeg', 'lab/eeg:v1', 'lab//eeg', 'lab/ü'])(
    'refuses a deposit to %s',
    async (repository) => {
      const answer = author.post('deposits', { repository, files: [file('a')] });

      expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'NAME_INVALID' });
    },
  );

  it('leaves nothing behind after refusals', async () => {
    await author.post('deposits', { repository: 'lab/new', files: [{ path: 'a', digest: DIGEST }] }).expect(422);
    await author.post('deposits', { repository: 'lab/new', files: [file('a')], image: 'latest' }).expect(422);

    expect(await server.sql('SELECT name FROM repository')).toEqual([{ name: 'lab/eeg' }]);
  });

  it('refuses a blob of another repository by its digest', async () => {
    const other = await server.account('bob', { other: 'owner' });
    const digest = await author.pushBlob('lab/eeg', Buffer.from('my data'));

    const answer = other.post('deposits', { repository: 'other/x', files: [{ path: 'a', digest }] });

    expect(await problemOf(answer)).toMatchObject({
      status: 422,
      code: 'DEPOSIT_INVALID',
      errors: { reason: 'blob-not-in-repository' },
    });
  });

  it('refuses an image that is not in the repository', async () => {
    const answer = (image: string) => author.post('deposits', { repository: 'lab/eeg', image });

    expect(await problemOf(answer('latest'))).toMatchObject({ status: 422, code: 'VERSION_IMAGE_UNKNOWN' });
    expect(await problemOf(answer(DIGEST))).toMatchObject({ status: 422, code: 'VERSION_IMAGE_UNKNOWN' });
    expect(await problemOf(answer('sha256:1'))).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    expect(await problemOf(answer('no\0tag'))).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  it.each([
    ['5 MB that are no text', randomBytes(5_000_000)],
    ['zero bytes', Buffer.alloc(1000)],
    ['an endless line', Buffer.from('x'.repeat(3_000_000))],
    ['a million opening brackets', Buffer.from('['.repeat(1_000_000))],
    [
      'nested YAML',
      Buffer.from('dependencies:\n' + Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i + 1)}- a:\n`).join('')),
    ],
    ['an empty file', Buffer.alloc(0)],
    [
      'a package name with a NUL byte',
      Buffer.from('{"lockfileVersion":3,"packages":{"node_modules/a\\u0000b":{"version":"1.0.0"}}}'),
    ],
    [
      'half of a surrogate pair in JSON',
      Buffer.from('{"lockfileVersion":3,"packages":{"node_modules/a\\ud800":{"version":"1.0.0\\ud800"}}}'),
    ],
  ])('keeps a file of %s byte for byte, under any name', async (_, bytes) => {
    for (const name of [
      'junk.bin',
      'requirements.txt',
      'environment.yml',
      'package-lock.json',
      'renv.lock',
      'lscpu.json',
    ]) {
      const digest = await author.pushBlob('lab/eeg', bytes);

      const { status, text, body } = await author.post('deposits', {
        repository: 'lab/eeg',
        files: [{ path: name, digest }],
      });

      expect([200, 201], `${name}: ${text.slice(0, 300)}`).toContain(status);
      expect(body.packageFiles).toMatchObject([{ path: name, digest, size: bytes.length }]);
    }
  });

  it.each([
    ['broken JSON', 'application/json', '{"repository": "lab', 400, 'REQUEST_INVALID'],
    ['an empty body', 'application/json', '', 400, 'REQUEST_INVALID'],
    ['null', 'application/json', 'null', 400, 'REQUEST_INVALID'],
    ['a list', 'application/json', '[]', 400, 'REQUEST_INVALID'],
    ['a poisoned prototype', 'application/json', '{"__proto__": {"isAdmin": true}}', 400, 'REQUEST_INVALID'],
    ['100,000 nested lists', 'application/json', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'REQUEST_INVALID'],
    [
      '100,000 nested objects in a field',
      'application/json',
      `{"repository":"lab/eeg","files":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      400,
      'REQUEST_INVALID',
    ],
    ['XML', 'application/xml', '<deposit/>', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', 'application/x-www-form-urlencoded', 'repository=lab/eeg', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['plain text', 'text/plain', 'lab/eeg', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a content type that is none', 'json', '{}', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('refuses a body of %s', async (_, type, body, status, code) => {
    expect(await problemOf(author.post('deposits').set('Content-Type', type).send(body))).toMatchObject({
      status,
      code,
    });
  });

  it('refuses a body over the limit', async () => {
    const body = `"${'x'.repeat(64 * 1024 * 1024)}"`;

    const answer = author.post('deposits').set('Content-Type', 'application/json').send(body);

    expect(await problemOf(answer)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it.each([
    ['an address that is none', 'nothing/here', 404, 'NOT_FOUND'],
    ['a broken escape', 'records/%zz', 400, 'REQUEST_INVALID'],
    ['half an escape of UTF-8', 'records/%ff', 400, 'REQUEST_INVALID'],
    ['a NUL byte in a record', 'records/%00', 404, 'RECORD_UNKNOWN'],
    ['a NUL byte in a version', 'versions/lab%2Feeg%00@v1', 404, 'RECORD_UNKNOWN'],
    ['a record of 4,000 characters', `records/${'a'.repeat(4000)}`, 404, 'RECORD_UNKNOWN'],
    ['a version 0', 'versions/lab%2Feeg@v0', 404, 'RECORD_UNKNOWN'],
    ['a version without number', 'versions/lab%2Feeg@v', 404, 'RECORD_UNKNOWN'],
    ['a version that is too large a number', 'versions/lab%2Feeg@v99999999999', 404, 'RECORD_UNKNOWN'],
    ['a version that is not there', 'versions/lab%2Feeg@v999999999', 404, 'VERSION_UNKNOWN'],
    ['a file that is not there', 'versions/lab%2Feeg@v1/files/..%2F..%2Fetc%2Fpasswd', 404, 'NOT_FOUND'],
    ['a NUL byte in a file', 'versions/lab%2Feeg@v1/files/a%00', 404, 'NOT_FOUND'],
    ['hardware that was not deposited', 'versions/lab%2Feeg@v1/hardware', 404, 'NOT_FOUND'],
    ['a NUL byte in a namespace', 'records?namespace=a%00b', 400, 'REQUEST_INVALID'],
    ['a page of nothing', 'records?limit=0', 400, 'REQUEST_INVALID'],
    ['a page of 1,001', 'records?limit=1001', 400, 'REQUEST_INVALID'],
    ['two limits', 'records?limit=1&limit=2', 400, 'REQUEST_INVALID'],
    ['a cursor that is none', 'records?cursor=abc', 400, 'CURSOR_INVALID'],
    ['a cursor of another list', 'records?cursor=WzFd', 400, 'CURSOR_INVALID'],
    ['a cursor of another list', 'records/lab%2Feeg/versions?cursor=W3sibiI6IjEifV0', 400, 'CURSOR_INVALID'],
    ['a cursor of another list', 'articles?cursor=WzFd', 400, 'CURSOR_INVALID'],
    ['a cursor of another list', 'versions/lab%2Feeg@v1/packages?cursor=WzFd', 400, 'CURSOR_INVALID'],
    ['a cursor of another list', 'what-ran?doi=10.5555/1&cursor=WzEsMl0', 400, 'CURSOR_INVALID'],
    ['neither DOI nor file', 'what-ran', 400, 'REQUEST_INVALID'],
    ['DOI and file', `what-ran?doi=10.5555/1&file=${DIGEST}`, 400, 'REQUEST_INVALID'],
    ['file and label', `what-ran?file=${DIGEST}&output=Figure%203`, 400, 'REQUEST_INVALID'],
    ['an identifier of another kind', 'what-ran?doi=arXiv:2101.00001', 400, 'DOI_INVALID'],
    ['a DOI with a NUL byte', 'what-ran?doi=10.5555/a%00b', 400, 'DOI_INVALID'],
    ['a label that names nothing', 'what-ran?doi=10.5555/1&output=Figures', 400, 'OUTPUT_LABEL_INVALID'],
    ['a range of figures', 'what-ran?doi=10.5555/1&output=Figures%203-5', 400, 'OUTPUT_LABEL_INVALID'],
    ['an article nobody linked', 'articles/10.5555/unknown', 404, 'ARTICLE_UNKNOWN'],
    ['an article that is no DOI', 'articles/pmid:1', 400, 'DOI_INVALID'],
  ])('answers %s (%s)', async (_, path, status, code) => {
    expect(await problemOf(author.get(path))).toMatchObject({ status, code });
  });

  it('answers 414 or 404 to a name beyond all grammars', async () => {
    const { status } = await author.get(`records/${'a'.repeat(5000)}`);

    expect([400, 404, 414]).toContain(status);
  });

  it.each([
    ['a NUL byte in a namespace', 'namespaces/la%00b/members/ada', { role: 'reader' }, 400],
    ['a NUL byte in an account', 'namespaces/lab/members/a%00da', { role: 'reader' }, 400],
    ['an unknown role', 'namespaces/lab/members/ada', { role: 'god' }, 400],
    ['an unknown account', 'namespaces/lab/members/nobody', { role: 'reader' }, 404],
  ])('refuses a member with %s', async (_, path, body, status) => {
    expect(await problemOf(author.put(path, body))).toMatchObject({ status });
  });

  it.each([
    ['capitals', { name: 'Lab' }],
    ['one letter', { name: 'a' }],
    ['65 letters', { name: 'a'.repeat(65) }],
    ['a slash', { name: 'a/b' }],
    ['a NUL byte', { name: 'a\0b' }],
    ['a list', { name: ['ab'] }],
  ])('refuses a name with %s', async (_, body) => {
    expect(await problemOf(server.admin.post('accounts', body))).toMatchObject({
      status: 400,
      code: 'REQUEST_INVALID',
    });
    expect(await problemOf(server.admin.post('namespaces', body))).toMatchObject({
      status: 400,
      code: 'REQUEST_INVALID',
    });
  });

  it.each([
    ['no name', {}],
    ['a NUL byte in the name', { name: 'a\0' }],
    ['half of a surrogate pair in the name', { name: '\ud800' }],
    ['no time to live', { name: 'a', expiresInDays: 0 }],
    ['a life of 3,651 days', { name: 'a', expiresInDays: 3651 }],
  ])('refuses a token with %s', async (_, body) => {
    expect(await problemOf(author.post('tokens', body))).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  it.each(['0', '-1', '1e9', 'abc', '9'.repeat(30), '%00', '123456789'])(
    'answers 404 to the removal of token %s',
    async (id) => {
      expect(await problemOf(author.delete(`tokens/${id}`))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    },
  );

  it.each([
    ['an identifier of another kind', { article: 'arXiv:2101.00001', output: 'Figure 1' }, 'DOI_INVALID'],
    ['a figure DOI that is none', { article: '10.5555/1', output: 'Figure 1', componentDoi: 'x' }, 'DOI_INVALID'],
    ['a label without number', { article: '10.5555/1', output: 'Figure' }, 'OUTPUT_LABEL_INVALID'],
    ['running text', { article: '10.5555/1', output: 'see the results' }, 'OUTPUT_LABEL_INVALID'],
    ['a NUL byte in the label', { article: '10.5555/1', output: 'Figure 1\0' }, 'REQUEST_INVALID'],
    ['a NUL byte in the title', { article: '10.5555/1', output: 'Figure 1', articleTitle: 'a\0' }, 'REQUEST_INVALID'],
    ['a NUL byte in the command', { article: '10.5555/1', output: 'Figure 1', command: 'a\0' }, 'REQUEST_INVALID'],
    [
      'a NUL byte in a file name',
      { article: '10.5555/1', output: 'Figure 1', files: [{ name: 'a\0', digest: DIGEST, size: 1 }] },
      'REQUEST_INVALID',
    ],
    [
      'a size that is too large a number',
      { article: '10.5555/1', output: 'Figure 1', files: [{ name: 'a', digest: DIGEST, size: 1e300 }] },
      'REQUEST_INVALID',
    ],
    [
      'a negative size',
      { article: '10.5555/1', output: 'Figure 1', inputs: [{ name: 'a', digest: DIGEST, size: -1 }] },
      'REQUEST_INVALID',
    ],
    ['an unknown role', { article: '10.5555/1', output: 'Figure 1', role: 'friend' }, 'REQUEST_INVALID'],
  ])('refuses a link with %s', async (_, body, code) => {
    expect(await problemOf(author.post('versions/lab%2Feeg@v1/links', body))).toMatchObject({ status: 400, code });
  });
});
