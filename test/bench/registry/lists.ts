import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { ServiceUnderTest } from '../../crash/service-under-test.js';
import { TOKEN } from '../../crash/installation.js';
import { percentile } from '../statistics.js';
import type { Finding } from './finding.js';
import { HttpConnection } from './http-connection.js';
import { fillLists, LIST_NAMES, repositoryName, tagName } from './list-rows.js';
import { expectStatus } from './transfers.js';

const BAR_MS = 50;
const REQUESTS = 100;
const WARM_UP = 20;
const Secret = z.object({ secret: z.string() });

export interface ListSizes {
  readonly repositories: number;
  readonly tags: number;
  readonly referrers: number;
}

interface List {
  readonly what: string;
  readonly token: string;
  readonly next: () => string;
  /** Entries that a page of it has at least: a list that finds nothing is fast. */
  readonly entries: number;
}

/** How long one page of a long list takes. Rows only: no bytes stand behind most of them. */
export async function measureLists(sizes: ListSizes): Promise<Finding[]> {
  const service = await ServiceUnderTest.create('filesystem');
  try {
    await service.start();
    const subject = await fillLists(service, sizes);
    const member = await createMember(service.url);
    const findings: Finding[] = [];
    for (const list of listsOf(sizes, subject, member)) findings.push(await measure(service.url, list));
    return findings;
  } finally {
    await service.stop();
  }
}

function listsOf({ repositories, tags, referrers }: ListSizes, subject: string, member: string): List[] {
  const page = (count: number): number => Math.min(count, 1000);
  const later = (path: string, count: number, nameOf: (i: number) => string) => () =>
    `${path}?n=1000&last=${encodeURIComponent(nameOf(1 + randomInt(Math.max(count - 1000, 1))))}`;
  const [tagList, catalog] = [`/v2/${LIST_NAMES.tags}/tags/list`, '/v2/_catalog'];
  const many = repositories.toLocaleString('en');
  return [
    { what: `tags/list of ${tags}, first page`, token: TOKEN, next: () => tagList, entries: page(tags) },
    {
      what: `tags/list of ${tags}, any page`,
      token: TOKEN,
      next: later(tagList, tags, tagName),
      entries: page(tags) - 1,
    },
    { what: `tags/list of ${tags}, all in one`, token: TOKEN, next: () => `${tagList}?n=${tags}`, entries: tags },
    {
      what: `referrers, ${referrers}`,
      token: TOKEN,
      next: () => `/v2/${LIST_NAMES.referrers}/referrers/${subject}`,
      entries: page(referrers),
    },
    { what: `_catalog of ${many}, first page`, token: TOKEN, next: () => catalog, entries: page(repositories) },
    {
      what: `_catalog of ${many}, any page`,
      token: TOKEN,
      next: later(catalog, repositories, repositoryName),
      entries: page(repositories) - 1,
    },
    {
      what: `_catalog of ${many}, any page, a reader who sees half`,
      token: member,
      next: later(catalog, repositories / 2, repositoryName),
      entries: Math.min(repositories / 2, 1000) - 1,
    },
  ];
}

/** An account that is no administrator: it sees what is public. */
async function createMember(url: string): Promise<string> {
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    expectStatus(answer.status, 201, `POST ${path}`);
    return await answer.json();
  };
  await post('accounts', { name: 'bench-reader' });
  return Secret.parse(await post('tokens', { name: 'bench', account: 'bench-reader' })).secret;
}

async function measure(url: string, list: List): Promise<Finding> {
  const connection = await HttpConnection.open(url, { Authorization: `Bearer ${list.token}` });
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + REQUESTS; i += 1) {
    const started = performance.now();
    const { status, body } = await connection.request('GET', list.next());
    const elapsed = performance.now() - started;
    expectStatus(status, 200, `GET ${list.what}`);
    const entries = entriesOf(body);
    if (entries < list.entries) throw new Error(`${list.what}: ${entries} entries, not ${list.entries}`);
    if (i >= WARM_UP) times.push(elapsed);
  }
  connection.close();
  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  return {
    what: list.what,
    value: `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
    bar: `p95 < ${BAR_MS} ms`,
    isMet: p95 < BAR_MS,
  };
}

/** The one array of the answer, whatever it is called. */
function entriesOf(body: Buffer): number {
  const answer = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  return Object.values(answer).find((value): value is unknown[] => Array.isArray(value))?.length ?? 0;
}
