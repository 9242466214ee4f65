import { ANONYMOUS, type Principal } from '@envarium/access';
import { parseDigest } from '@envarium/oci';
import { CollectorService } from '@envarium/registry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobContext } from './job-handlers.js';
import { type JobEvent, JobFollowService } from './job-follow.service.js';
import { JobLogService } from './job-log.service.js';
import type { JobRunner } from './job-runner.service.js';
import { JobsService } from './jobs.service.js';
import { JobsSetting, READY } from './jobs.suite.js';

const never = new AbortController().signal;

describe('jobs/job-follow.service', () => {
  let setting: JobsSetting;
  let runner: JobRunner;
  let jobs: JobsService;
  let follows: JobFollowService;
  let logs: JobLogService;
  let collector: CollectorService;
  let ada: Principal;
  let stranger: Principal;
  let work: (context: JobContext) => Promise<void>;

  beforeAll(async () => {
    setting = await JobsSetting.start();
    ada = await setting.account('ada', { lab: 'depositor' });
    stranger = await setting.account('dora', { elsewhere: 'owner' });
    await setting.record('lab/eeg', 'env-0000-0000');
    ({ runner } = await setting.process(async (_, context) => {
      await work(context);
      return READY;
    }));
    const { get } = await setting.process(null);
    [jobs, follows, logs, collector] = [
      get(JobsService),
      get(JobFollowService),
      get(JobLogService),
      get(CollectorService, { strict: false }),
    ];
  });
  beforeEach(async () => await setting.clear());
  afterAll(async () => await setting.stop());

  const request = async () => await jobs.request(ada, 'lab/eeg@v1', { kind: 'rehearse', priority: 0 });
  const told = async (
    principal: Principal,
    id: string,
    after = 0,
    { signal = never, events = [] as string[] } = {},
  ): Promise<string[]> => {
    for await (const event of await follows.follow(principal, id, after, signal)) events.push(textOf(event));
    return events;
  };
  const textOf = (event: JobEvent): string =>
    event.type === 'line' ? `${event.line.seq} ${event.line.text}` : `${event.job.state} ${event.job.step}`;
  const texts = async (id: string, after = 0, limit = 100): Promise<string[]> =>
    (await follows.log(ada, id, after, limit)).map(({ text }) => text);
  /** A job that has ended, with these lines. */
  const ended = async (...lines: string[]): Promise<string> => {
    work = async ({ line }) => {
      for (const text of lines) line('stdout', text);
    };
    const { id } = await request();
    await runner.drain();
    return id;
  };

  it('tells of every change and every line in another process, and ends with the job', async () => {
    const { id } = await request();
    const events: string[] = [];
    const following = told(ada, id, 0, { events });
    await expect.poll(() => events).toEqual(['queued requested']);
    work = async ({ step, line }) => {
      await step('building');
      await expect.poll(() => events).toContain('running building');
      line('stdout', 'one');
      await expect.poll(() => events).toContain('1 one');
      line('stderr', 'two');
    };

    await runner.drain();

    expect(await following).toBe(events);
    expect(events.filter((text) => /^\d/.test(text))).toEqual(['1 one', '2 two']);
    expect(events.slice(-2)).toEqual(['2 two', 'ended building']);
  });

  it('goes on after the line that was seen last, also from the blob', async () => {
    const id = await ended('one', 'two', 'three');

    expect(await told(ada, id, 1)).toEqual(['2 two', '3 three', 'ended requested']);
    await logs.forget(new Date(Date.now() + 1000));
    expect(await setting.prisma.jobLine.count()).toBe(0);
    expect(await told(ada, id, 2)).toEqual(['3 three', 'ended requested']);
    expect(await texts(id, 0, 2)).toEqual(['one', 'two']);
  });

  it('shows to others how a job is, and no line of its log', async () => {
    const id = await ended('secret path');

    expect(await told(stranger, id)).toEqual(['ended requested']);
    expect(await told(ANONYMOUS, id)).toEqual(['ended requested']);
    expect((await jobs.find(ANONYMOUS, id)).logDigest).toBeNull();
    await expect(follows.openLog(stranger, id, 0)).rejects.toMatchObject({ code: 'DENIED' });
    await expect(follows.openLog(ANONYMOUS, id, 0)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('ends when whoever follows has gone, or may not see the job any more', async () => {
    const { id } = await request();
    const gone = new AbortController();
    const [seen, seenByStranger]: [string[], string[]] = [[], []];
    const following = told(ada, id, 0, { signal: gone.signal, events: seen });
    const denied = told(stranger, id, 0, { events: seenByStranger });
    await expect.poll(() => [seen.length, seenByStranger.length]).toEqual([1, 1]);
    gone.abort();

    expect(await following).toEqual(['queued requested']);
    await setting.prisma.repository.update({ where: { name: 'lab/eeg' }, data: { visibility: 'private' } });
    await expect(denied).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
    await setting.prisma.repository.update({ where: { name: 'lab/eeg' }, data: { visibility: 'public' } });
  });

  it('stores the log as one JSON line each, which the collector keeps and nobody can pull', async () => {
    const id = await ended('one', 'two');
    const { logDigest } = await jobs.find(ada, id);
    const digest = logDigest ?? '';

    const row = await setting.prisma.blob.findUniqueOrThrow({ where: { digest }, include: { repositories: true } });
    expect(row.repositories).toEqual([]);
    await setting.prisma.blob.update({ where: { digest }, data: { reviewAfter: new Date(0) } });
    expect((await collector.review(10)).quarantined).toEqual([]);

    const chunks: Buffer[] = [];
    for await (const chunk of await setting.store.blobs.open(parseDigest(digest))) chunks.push(Buffer.from(chunk));
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { seq: 1, stream: 'stdout', text: 'one' },
      { seq: 2, stream: 'stdout', text: 'two' },
    ]);
  });

  it('keeps the first and the last lines of a log that is too long, and says how many are gone', async () => {
    work = async ({ line }) => {
      for (let i = 1; i <= 100; i++) line('stdout', `${i} ${'x'.repeat(920)}`.slice(0, 920));
      await expect.poll(() => setting.prisma.jobLine.count()).toBe(100);
      // Half of it is ten lines of 1000 bytes with what a line costs.
      await logs.trim((await setting.prisma.job.findFirstOrThrow()).id, 20_000);
    };
    const { id } = await request();
    await runner.drain();

    const kept = await texts(id);
    expect(kept).toHaveLength(21);
    expect(kept.map((text) => text.split(' ')[0])).toEqual(
      ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '[80'].concat([
        '91',
        '92',
        '93',
        '94',
        '95',
        '96',
        '97',
        '98',
        '99',
        '100',
      ]),
    );
    expect(kept[10]).toBe('[80 lines are left out here: the log was longer than what is kept]');
  });

  it('does not forget the lines of a job that goes on, or that ended just now', async () => {
    await ended('one');

    expect(await logs.forget(new Date(Date.now() - 60_000))).toBe(0);
    expect(await setting.prisma.jobLine.count()).toBe(1);
  });
});
