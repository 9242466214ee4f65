import { describe, expect, it } from 'vitest';
import { redactUrl, redactWithin } from './redact.js';

describe('formats/redact', () => {
  it.each([
    ['https://user:secret@pypi.example.org/simple', 'https://pypi.example.org/simple'],
    ['https://ghp_abc123@github.example.org/o/r.git', 'https://github.example.org/o/r.git'],
    ['git+https://__token__:p@ss@git.example.org/r', 'git+https://git.example.org/r'],
    ['git+ssh://git:secret@git.example.org/r', 'git+ssh://git.example.org/r'],
    ['https://conda.example.org/t/tk-123-abc/channel/linux-64', 'https://conda.example.org/channel/linux-64'],
    ['https://conda.example.org/t/tk-123-abc', 'https://conda.example.org'],
    ['https://a.example.org/f.whl?x=1&token=abc#sha256=12', 'https://a.example.org/f.whl?x=1#sha256=12'],
    ['https://a.example.org/f.whl?Access_Token=abc', 'https://a.example.org/f.whl'],
    ['https://a.example.org/b?X-Amz-Signature=00ff&X-Amz-Date=1', 'https://a.example.org/b?X-Amz-Date=1'],
  ])('takes the secret out of %s', (url, clean) => {
    expect(redactUrl(url)).toEqual({ url: clean, hadCredentials: true });
  });

  it.each([
    'https://pypi.example.org/simple',
    'git+ssh://git@git.example.org/o/r.git@v1',
    'ssh://hg@hg.example.org/r',
    'https://${USER}:${TOKEN}@pypi.example.org/simple',
    'https://conda.example.org/t/<TOKEN>/channel',
    'https://a.example.org/@scope/t.tgz?version=1',
    'conda-forge',
    'file:///home/a@b/x.whl',
    '',
  ])('leaves %s as it is', (url) => {
    expect(redactUrl(url)).toEqual({ url, hadCredentials: false });
  });

  it.each([
    ['scm:git:https://u:s3cret@git.example.org/a.git', 'scm:git:https://git.example.org/a.git'],
    ['xgit (https://u:s3cret@git.example.org/a@12)', 'xgit (https://git.example.org/a@12)'],
    ['https://u:s3cret@git.example.org/a', 'https://git.example.org/a'],
    ['git+https://u:s3cret@git.example.org/a', 'git+https://git.example.org/a'],
    ['CRAN (R 4.1.0)', 'CRAN (R 4.1.0)'],
  ])('takes credentials out of %s', (text, clean) => {
    expect(redactWithin(text)).toEqual({ url: clean, hadCredentials: clean !== text });
  });
});
