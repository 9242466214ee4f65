import { text } from 'node:stream/consumers';
import { type JobContext, JobHandlers, JobRunner } from '@envarium/jobs';
import type { Job, JobResult } from '@envarium/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import { EventSourceReader, openStream, type ReceivedEvent } from './event-source-reader.js';
import { askGraphql, refusalOf } from './graphql-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const FILES = { 'requirements.txt': 'numpy==1.26.4\n' };

describe('e2e/jobs', () => {
  let server: TestServer;
  let lab: RestClient;
  let runner: JobRunner;
  let work: (context: JobContext) => Promise<void>;

  beforeAll(async () => {
    server = await startTestServer();
    lab = await server.account('ana', { lab: 'depositor' });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await lab.publish(`lab/${name}`, FILES);
    const context = await server.resolver();
    runner = context.get(JobRunner, { strict: false });
    context.get(JobHandlers, { strict: false }).add('rehearse', async (_, job) => {
      await work(job);
      const result: JobResult = { grade: 'identical', summary: 'the same image', receipts: [], artifacts: [] };
      return { outcome: 'ready', result, problem: null };
    });
  });
  beforeEach(() => {
    work = async () => {};
  });
  afterAll(async () => await server.stop());

  const request = async (name: string): Promise<Job> =>
    (await lab.post(`versions/lab%2F${name}@v1/jobs`, { kind: 'rehearse' }).expect(202)).body as Job;
  const find = async (id: string): Promise<Job> => (await lab.get(`jobs/${id}`).expect(200)).body as Job;
  const ended = async (name: string, ...lines: string[]): Promise<Job> => {
    work = async ({ line }) => {
      for (const text of lines) line('stdout', text);
    };
    const { id } = await request(name);
    await runner.drain();
    return await find(id);
  };

  const eventsOf = async (id: string, token = lab.token, lastEventId?: string): Promise<EventSourceReader> => {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return await EventSourceReader.open(`${server.url}/api/v1/jobs/${id}/events`, { token, headers });
  };
  const subscription = async (query: string, token: string | null): Promise<EventSourceReader> =>
    await EventSourceReader.open(`${server.url}/graphql`, { token, body: { query } });

  it('answers a request with where the job is, and the same again for the same key', async () => {
    const send = async () =>
      await lab.post('versions/lab%2Fa@v1/jobs', { kind: 'rehearse' }).set('Idempotency-Key', 'k1').expect(202);
    const first = await send();
    const { id } = first.body as Job;
    expect(first.headers['location']).toBe(`/api/v1/jobs/${id}`);
    await runner.drain();

    expect((await send()).body).toEqual(first.body);
    expect((await request('a')).id).not.toBe(id);
    await runner.drain();
    expect(await find(id)).toMatchObject({
      state: 'ended',
      outcome: 'ready',
      repository: 'lab/a',
      version: 1,
      result: { grade: 'identical', summary: 'the same image' },
    });
  });

  it.each([
    ['versions/lab%2Fa@v1/jobs', { kind: 'destroy' }, 400, 'REQUEST_INVALID'],
    ['versions/lab%2Fa@v1/jobs', { kind: 'rerun' }, 400, 'REQUEST_INVALID'],
    ['versions/lab%2Fa@v1/jobs', { kind: 'rerun', runId: 'nothing' }, 404, 'RUN_UNKNOWN'],
    ['versions/lab%2Fa@v1/jobs', { kind: 'rerun', runId: '\0' }, 400, 'REQUEST_INVALID'],
    ['versions/lab%2Fa@v1/jobs', { kind: 'rebuild', priority: 11 }, 400, 'REQUEST_INVALID'],
    ['versions/lab%2Fa@v9/jobs', { kind: 'rebuild' }, 404, 'VERSION_UNKNOWN'],
    ['jobs/nonsense%00/cancel', {}, 404, 'JOB_UNKNOWN'],
  ])('refuses POST %s with %j', async (path, body, status, code) => {
    expect(await problemOf(lab.post(path, body))).toMatchObject({ status, code });
  });

  it.each([
    ['log?after=-1', 400, 'REQUEST_INVALID'],
    ['log?after=9999999999', 400, 'REQUEST_INVALID'],
    ['log?limit=0', 400, 'REQUEST_INVALID'],
    ['events?after=x', 400, 'REQUEST_INVALID'],
  ])('refuses GET %s', async (path, status, code) => {
    const { id } = await ended('a');
    expect(await problemOf(lab.get(`jobs/${id}/${path}`))).toMatchObject({ status, code });
  });

  it('gives the log as JSON lines or as text, in parts, before and after its rows are gone', async () => {
    const { id } = await ended('b', 'one', 'two', 'three');
    const logOf = async (query = '', accept = 'application/jsonl') => {
      const url = `${server.url}/api/v1/jobs/${id}/log${query}`;
      const answer = await openStream(url, { token: lab.token, headers: { accept } });
      return [answer.headers['content-type'], await text(answer)];
    };

    for (const _ of ['rows', 'blob']) {
      expect(await logOf('', 'text/plain')).toEqual(['text/plain; charset=utf-8', 'one\ntwo\nthree\n']);
      const [type, lines] = await logOf('?after=1&limit=1');
      expect(type).toBe('application/jsonl; charset=utf-8');
      expect(JSON.parse(lines ?? '')).toMatchObject({ seq: 2, stream: 'stdout', text: 'two' });
      await server.sql('DELETE FROM job_line');
    }
  });

  it('lists jobs page by page', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await ended('c')).id);

    for (const path of ['records/lab%2Fc/jobs', 'versions/lab%2Fc@v1/jobs']) {
      expect((await server.anonymous.pages<Job>(path, { limit: '2' })).map(({ id }) => id)).toEqual(ids);
    }
  });

  it('sends events as they come, and resumes after the last one that was seen', async () => {
    const { id } = await request('d');
    let goOn: () => void = () => {};
    work = async ({ step, line, progress }) => {
      await step('building');
      progress({ what: 'steps', unit: 'steps', done: 1, total: 3 });
      line('stdout', 'one');
      line('stdout', 'two');
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      line('stderr', 'three');
    };
    const first = await eventsOf(id);
    expect(first.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(first.headers['x-accel-buffering']).toBe('no');
    const drained = runner.drain();
    await first.until(({ event, id: seq }) => event === 'line' && seq === '1');
    expect(first.all[0]).toMatchObject({ event: 'job', data: { state: 'queued' } });
    // The step comes before the line, unless the job was looked at in between.
    const isBuilding = ({ data }: ReceivedEvent): boolean => (data as Partial<Job>).step === 'building';
    if (!first.all.some(isBuilding)) await first.until(isBuilding);
    first.close();

    const second = await eventsOf(id, lab.token, '1');
    await second.until(({ event }) => event === 'line');
    goOn();
    const rest = await second.until(({ event }) => event === 'end');
    await drained;

    const lines = [...second.all].filter(({ event }) => event === 'line');
    expect(lines.map(({ id: seq, data }) => [seq, (data as { text: string }).text])).toEqual([
      ['2', 'two'],
      ['3', 'three'],
    ]);
    expect(rest.at(-1)?.data).toMatchObject({ id, state: 'ended', outcome: 'ready' });
    expect(await second.isOver()).toBe(true);
  });

  it('ends what a follower costs when it goes, and lets an account follow twenty times at once', async () => {
    const other = await ended('a');
    const { id } = await request('e');
    const open = await Promise.all(Array.from({ length: 20 }, async () => await eventsOf(id)));

    expect(await problemOf(lab.get(`jobs/${id}/events`))).toMatchObject({ status: 429, code: 'TOOMANYREQUESTS' });
    await server.anonymous.get(`jobs/${other.id}/events`).expect(200);

    for (const each of open) each.close();
    let again: EventSourceReader | null = null;
    while (again === null) again = await eventsOf(id).catch(() => null);
    again.close();
    await lab.post(`jobs/${id}/cancel`).expect(200);
  });

  it('answers HEAD at once, whatever goes on', async () => {
    const { id } = await request('e');

    for (const part of ['events', 'log']) {
      const head = await openStream(`${server.url}/api/v1/jobs/${id}/${part}`, { token: lab.token, method: 'HEAD' });
      expect([head.statusCode, await text(head)]).toEqual([200, '']);
    }
    await lab.post(`jobs/${id}/cancel`).expect(200);
  });

  it('shows to others no line and no detail', async () => {
    const { id } = await ended('b', 'secret');
    const events = await eventsOf(id, null);

    expect((await events.until(({ event }) => event === 'end')).map(({ event }) => event)).toEqual(['end']);
    expect(await problemOf(server.anonymous.get(`jobs/${id}/log`))).toMatchObject({ status: 401 });
  });

  it('answers GraphQL with jobs, and a subscription with events', async () => {
    const { id } = await ended('c', 'one');
    const fields =
      'id kind state outcome step problem { code title remedy } result { grade summary } progress { done }';
    const query = `{ job(id: "${id}") { ${fields} } version(reference: "lab/c@v1") { jobs(first: 1) { edges { node { id } } } } }`;
    const { data } = await askGraphql(server.anonymous, query);
    expect(data).toMatchObject({
      job: { id, kind: 'REHEARSE', state: 'ENDED', outcome: 'READY', result: { grade: 'IDENTICAL' } },
      version: { jobs: { edges: [{ node: { id } }] } },
    });

    const running = await request('c');
    work = async ({ step }) => await step('building');
    const asked = `subscription { jobProgress(id: "${running.id}") { state step outcome } }`;
    const events = await subscription(asked, lab.token);
    const first = await events.until(({ event }) => event === 'next');
    await runner.drain();
    const rest = await events.until(({ data: { data: value } }) => value.jobProgress.state === 'ENDED');

    expect(first[0]?.data).toEqual({ data: { jobProgress: { state: 'QUEUED', step: 'REQUESTED', outcome: null } } });
    expect(rest.at(-1)?.data).toEqual({
      data: { jobProgress: { state: 'ENDED', step: 'BUILDING', outcome: 'READY' } },
    });
    expect(await events.isOver()).toBe(true);
  });

  it.each([
    ['subscription { jobProgress { id } }'],
    ['subscription { jobProgress(id: "x") { nothing } }'],
    ['subscription { jobProgress(id: "x") { id } job: jobProgress(id: "y") { id } }'],
    [`subscription { jobProgress(id: "x") { ${'id '.repeat(2000)} } }`],
    ['subscription {'],
  ])('refuses %s', async (query) => {
    await expect(subscription(query, null)).rejects.toThrow(/answered 400: .*"code":"REQUEST_INVALID"/);
  });

  it('says in an event that there is no such job', async () => {
    const events = await subscription('subscription { jobProgress(id: "nothing") { id } }', null);

    const [{ data } = { data: null }] = await events.until(({ event }) => event === 'next');
    expect(data).toMatchObject({ data: null, errors: [{ extensions: { code: 'JOB_UNKNOWN' } }] });
    expect(await events.isOver()).toBe(true);
  });

  it('refuses a subscription that is sent as a query', async () => {
    expect(await refusalOf(lab, 'subscription { jobProgress(id: "x") { id } }')).toEqual([400, 'REQUEST_INVALID']);
  });

  it('lets nobody who follows keep the server from stopping', async () => {
    const { id } = await request('e');
    const events = await eventsOf(id);
    await events.until(({ event }) => event === 'job');

    await server.restart();

    expect(await events.isOver()).toBe(true);
  });
});
