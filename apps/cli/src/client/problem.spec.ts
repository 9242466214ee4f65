import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readProblem } from './problem.js';

const REQUEST = { method: 'GET', path: '/api/v1/whoami' } as const;

function answer(status: number, body: string) {
  return { status, headers: {}, body: Readable.from([Buffer.from(body)]) };
}

describe('cli/client/problem', () => {
  it('takes title, remedy and data out of problem+json', async () => {
    const body = {
      type: 'urn:envarium:error:VERSION_UNKNOWN',
      title: 'record version not found',
      status: 404,
      code: 'VERSION_UNKNOWN',
      detail: 'Check the spelling.',
      errors: { reference: 'lab/eeg@v9' },
    };

    expect(await readProblem(answer(404, JSON.stringify(body)), REQUEST)).toEqual({
      exitCode: 3,
      code: 'VERSION_UNKNOWN',
      title: 'record version not found',
      remedy: 'Check the spelling.',
      detail: { reference: 'lab/eeg@v9' },
    });
  });

  it('names the request of a failure that only the operator can explain', async () => {
    const body = { title: 'internal error', status: 500, code: 'INTERNAL', instance: 'urn:envarium:request:7' };

    const failure = await readProblem(answer(500, JSON.stringify(body)), REQUEST);

    expect(failure).toMatchObject({ exitCode: 1, detail: { request: 'urn:envarium:request:7' } });
  });

  it('reads the envelope of the registry', async () => {
    const body = {
      errors: [{ code: 'DENIED', message: 'requested access is denied', detail: { repository: 'lab/eeg' } }],
    };

    expect(await readProblem(answer(403, JSON.stringify(body)), REQUEST)).toEqual({
      exitCode: 4,
      code: 'DENIED',
      title: 'requested access is denied',
      remedy: null,
      detail: { repository: 'lab/eeg' },
    });
  });

  it('shows the beginning of an answer that is not ours', async () => {
    const failure = await readProblem(answer(502, '<html>Bad Gateway</html>'), REQUEST);

    expect(failure).toMatchObject({ exitCode: 5, code: 'HTTP_502', detail: { answer: '<html>Bad Gateway</html>' } });
    expect(failure.title).toBe('GET /api/v1/whoami was answered with status 502');
  });

  it('says how to log in when a bare 401 comes', async () => {
    expect((await readProblem(answer(401, ''), REQUEST)).remedy).toMatch(/envarium login/);
  });
});
