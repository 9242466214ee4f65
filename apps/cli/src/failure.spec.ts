import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { CommandFailed, failureLines, failureOf, ServerUnreachable } from './failure.js';

const URL = 'http://127.0.0.1:5080';

describe('cli/failure', () => {
  it.each([
    ['ECONNREFUSED', 'nothing is listening at http://127.0.0.1:5080', /npm start/],
    ['ENOTFOUND', 'the host name of http://127.0.0.1:5080 cannot be resolved', /spelling/],
    ['UND_ERR_CONNECT_TIMEOUT', 'http://127.0.0.1:5080 does not answer in time', /proxies/],
    ['ECONNRESET', 'the connection to http://127.0.0.1:5080 broke', /same command again/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate of http://127.0.0.1:5080 is not trusted', /NODE_EXTRA_CA_CERTS/],
    ['HPE_INVALID_CONSTANT', 'what listens at http://127.0.0.1:5080 does not speak this protocol', /https:/],
  ])('says what to do about %s', (reason, title, remedy) => {
    const failure = failureOf(new ServerUnreachable(URL, reason));

    expect(failure).toMatchObject({ exitCode: 5, code: 'SERVER_UNREACHABLE', title });
    expect(failure.remedy).toMatch(remedy);
  });

  it.each([
    ['DIGEST_INVALID', 6],
    ['SIZE_INVALID', 6],
    ['CONFIG_INVALID', 2],
    ['NAME_INVALID', 2],
    ['ARCHIVE_INVALID', 1],
  ] as const)('gives %s the exit code %i', (code, exitCode) => {
    expect(failureOf(new ArchiveError(code)).exitCode).toBe(exitCode);
  });

  it('explains an archive that cannot be read by its reason', () => {
    const compressed = new ArchiveError('ARCHIVE_INVALID', {
      reason: 'archive-compressed',
      compression: 'gzip',
      decompressWith: 'gzip -d',
    });

    expect(failureOf(new ArchiveError('ARCHIVE_INVALID', { reason: 'truncated' })).remedy).toMatch(
      /^The file ends too/,
    );
    expect(failureOf(compressed).remedy).toMatch(/gzip -d FILE$/);
  });

  it('prints every problem on its own line, and the remedy last', () => {
    const error = new ArchiveError('CONFIG_INVALID', { problems: ['ENVARIUM_PORT: too big', 'DATABASE_URL: no URL'] });

    expect(failureLines(failureOf(error))).toEqual([
      'error: the configuration is not valid',
      '  problems:',
      '    - ENVARIUM_PORT: too big',
      '    - DATABASE_URL: no URL',
    ]);
  });

  it('takes a file that is not there for not found, and keeps the stack of what nobody expected', () => {
    const missing = Object.assign(new Error("ENOENT: no such file or directory, open 'x'"), { code: 'ENOENT' });

    expect(failureOf(missing)).toMatchObject({ exitCode: 3, code: 'ENOENT' });
    expect(failureOf(new TypeError('x is not a function'))).toMatchObject({
      exitCode: 1,
      code: 'INTERNAL',
      detail: { stack: expect.stringContaining('TypeError') },
    });
  });

  it('passes a failure on as it is', () => {
    const failure = {
      exitCode: 4,
      code: 'DENIED',
      title: 'no',
      remedy: null,
      detail: { repository: 'lab/eeg' },
    } as const;

    expect(failureOf(new CommandFailed(failure))).toBe(failure);
  });
});
