import { digestOf } from '@envarium/oci';
import request from 'supertest';
import { expect } from 'vitest';

type Answer = request.Test;

/** Calls the REST interface as one account, or as nobody. Paths are relative to /api/v1 unless they begin with /. */
export class RestClient {
  constructor(
    readonly url: string,
    readonly token: string | null,
  ) {}

  /** The same account on a server that was started again. */
  at(url: string): RestClient {
    return new RestClient(url, this.token);
  }

  get(path: string): Answer {
    return this.call('get', path);
  }

  post(path: string, body?: string | object): Answer {
    return this.call('post', path, body);
  }

  put(path: string, body?: string | object): Answer {
    return this.call('put', path, body);
  }

  delete(path: string): Answer {
    return this.call('delete', path);
  }

  /** A deposit of inline texts by path. */
  deposit(repository: string, files: Readonly<Record<string, string>>, more: object = {}): Answer {
    const inline = Object.entries(files).map(([path, text]) => ({ path, text }));
    return this.post('deposits', { repository, files: inline, ...more });
  }

  /** Deposits and publishes; returns the reference of the version. */
  async publish(repository: string, files: Readonly<Record<string, string>>, more: object = {}): Promise<string> {
    const deposited = await this.deposit(repository, files, more).expect(201);
    const { number } = (deposited.body as { version: { number: number } }).version;
    await this.post(`${versionPath(repository, number)}/publish`, {}).expect(200);
    return `${repository}@v${number}`;
  }

  /** Pushes a blob over /v2 in one request. Returns its digest. */
  async pushBlob(repository: string, bytes: Buffer): Promise<string> {
    const digest = digestOf(bytes);
    await this.call('post', `/v2/${repository}/blobs/uploads/?digest=${digest}`)
      .set('Content-Type', 'application/octet-stream')
      .send(bytes)
      .expect(201);
    return digest;
  }

  /** @param text of the image manifest: supertest would make JSON of a Buffer that is sent as JSON */
  pushManifest(repository: string, reference: string, mediaType: string, text: string): Answer {
    return this.call('put', `/v2/${repository}/manifests/${reference}`).set('Content-Type', mediaType).send(text);
  }

  /** All items of a list, page by page as its cursors lead. */
  async pages<T>(path: string, query: Readonly<Record<string, string>>): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const search = new URLSearchParams({ ...query, ...(cursor !== '' && { cursor }) });
      const answer = await this.get(`${path}?${search.toString()}`).expect(200);
      const page = answer.body as { items: T[]; next: string | null };
      items.push(...page.items);
      cursor = page.next;
    }
    return items;
  }

  call(method: 'get' | 'post' | 'put' | 'delete', path: string, body?: string | object): Answer {
    const answer = request(this.url)[method](path.startsWith('/') ? path : `/api/v1/${path}`);
    if (this.token !== null) void answer.set('Authorization', `Bearer ${this.token}`);
    return body === undefined ? answer : answer.send(body);
  }
}

/** As in `versions/lab%2Feeg@v1`. */
export function versionPath(repository: string, number: number): string {
  return `versions/${encodeURIComponent(repository)}@v${number}`;
}

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: Readonly<Record<string, unknown>>;
}

/** The problem document of an answer (RFC 9457), after a look at what every one of them must have. */
export async function problemOf(answer: Answer): Promise<Problem> {
  const { status, type, body, text } = await answer;
  expect(type, text.slice(0, 500)).toBe('application/problem+json');
  expect(body).toMatchObject({
    status,
    code: expect.stringMatching(/^[A-Z_]+$/),
    type: expect.stringMatching(/^urn:envarium:error:[A-Z_]+$/),
    title: expect.any(String),
    instance: expect.stringMatching(/^urn:envarium:request:[0-9a-f-]{36}$/),
  });
  return body as Problem;
}
