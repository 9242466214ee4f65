import { describe, expect, it } from 'vitest';
import { redactArguments, redactText } from './redact-text.js';

const ADA = { user: 'ada', home: '/gpfs/home/ada', host: 'node17' };

describe('cli/capture/redact-text', () => {
  it.each([
    ['--index-url https://ada:hunter2@pypi.example.org/simple', '--index-url https://pypi.example.org/simple'],
    ['- https://conda.example.org/t/tk-1234-abcd/chan', '- https://conda.example.org/chan'],
    ['x @ file:///home/ada/wheels/x.whl', 'x @ file:///home/user/wheels/x.whl'],
    ['prefix: /gpfs/home/ada/envs/eeg', 'prefix: /gpfs/home/user/envs/eeg'],
    ['prefix: C:\\Users\\Ada\\envs', 'prefix: C:\\Users\\user\\envs'],
    ['"path": "C:\\\\Users\\\\Ada\\\\x"', '"path": "C:\\\\Users\\\\user\\\\x"'],
    ['BLAS: /Users/ada.b/lib/libblas.dylib', 'BLAS: /Users/user/lib/libblas.dylib'],
    ['Linux node17 6.1.0', 'Linux localhost 6.1.0'],
  ])('changes %s', (text, expected) => {
    expect(redactText(text, ADA)).toEqual({ text: expected, count: 1 });
  });

  it.each([
    'numpy==1.26.4 --hash=sha256:abc',
    'name: adaptive',
    'node170 and my-node17-x stay',
    'https://pypi.example.org/simple?x=1#egg=a',
    '/opt/conda/envs/ada-boost',
    'a/home/x is no home, and /homes/ada neither',
  ])('leaves %s as it is', (text) => {
    expect(redactText(text, ADA)).toEqual({ text, count: 0 });
  });

  it('looks for no name that is a common word', () => {
    const root = { user: 'root', home: '/root', host: 'localhost' };

    expect(redactText('/root/x on localhost by root', root)).toMatchObject({ count: 0 });
  });

  it('takes linear time over text without a blank', () => {
    const text = `https://${'a:'.repeat(200_000)}`;

    expect(redactText(text, ADA).text.length).toBe(text.length);
  });

  it('hides what is given for secrets on a command line', () => {
    const words = [
      'run.py',
      '--api-key',
      'k1',
      '--token=t1',
      'PASSWORD=p1',
      '--depth',
      '3',
      '/home/ada/x',
      '--secret',
      '-v',
    ];

    expect(redactArguments(words, ADA)).toEqual([
      'run.py',
      '--api-key',
      '***',
      '--token=***',
      'PASSWORD=***',
      '--depth',
      '3',
      '/home/user/x',
      '--secret',
      '-v',
    ]);
  });
});
