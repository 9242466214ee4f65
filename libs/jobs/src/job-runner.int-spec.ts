import type { Principal } from '@envarium/access';
import { ArchiveError, type ErrorCode } from '@envarium/errors';
import type { Job, JobKind, JobOutcome } from '@envarium/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobContext, JobEnd, JobHandler, RunningJob } from './job-handlers.js';
import type { JobRunner } from './job-runner.service.js';
import { JobsService } from './jobs.service.js';
import { JobsSetting, READY } from './jobs.suite.js';

/** Waits until a test lets it go on. */
class Gate {
  private open: () => void = () => {};
  readonly passed = new Promise<void>((resolve) => {
    this.open = resolve;
  });
  readonly pass = (): void => this.open();
}

describe('jobs/job-runner.service', () => {
  let setting: JobsSetting;
  let jobs: JobsService;
  let ada: Principal;
  let runners: readonly [JobRunner, JobRunner];
  let handler: (job: RunningJob, context: JobContext, runner: number) => Promise<JobEnd>;

  beforeAll(async () => {
    setting = await JobsSetting.start();
    ada = await setting.account('ada', { a: 'depositor', b: 'depositor', c: 'depositor' });
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      await setting.record(`${name}/env`, `env-000${i}-0000`, ['published', 'published', 'published', 'published']);
    }
    const runnerOf = async (number: number): Promise<JobRunner> => {
      const handle: JobHandler = async (job, context) => await handler(job, context, number);
      return (await setting.process(handle)).runner;
    };
    runners = [await runnerOf(0), await runnerOf(1)];
    jobs = (await setting.process(null)).get(JobsService);
  });
  beforeEach(async () => await setting.clear());
  afterAll(async () => await setting.stop());

  const request = async (reference: string, kind: JobKind = 'rebuild', priority = 0): Promise<Job> =>
    await jobs.request(ada, reference, { kind, priority });

  it('gives the handler what it needs, and keeps its end and its log', async () => {
    const seen: RunningJob[] = [];
    handler = async (job, { step, line, progress }) => {
      seen.push(job);
      await step('building');
      progress({ what: 'layers', unit: 'files', done: 1, total: 2 });
      line('stdout', 'STEP 1\nSTEP 2\n');
      line('note', 'nul \0 byte');
      line('stderr', `half a pair ${'x'.repeat(16_371)}\u{1F4A9}`);
      return {
        outcome: 'ready',
        problem: null,
        result: { grade: 'identical', summary: 'the same', receipts: ['r1'], artifacts: [] },
      };
    };
    const { id } = await request('a/env@v2');

    await runners[0].drain();

    expect(seen).toMatchObject([
      { id, kind: 'rebuild', attempts: 1, version: 2, reference: 'a/env@v2', recordId: 'env-0000-0000', runId: null },
    ]);
    expect(seen[0]).toMatchObject({ principal: { name: 'ada' }, repository: { name: 'a/env' } });
    const job = await jobs.find(ada, id);
    expect(job).toMatchObject({ state: 'ended', outcome: 'ready', step: 'building', problem: null, attempts: 1 });
    expect(job.result).toMatchObject({ grade: 'identical', receipts: ['r1'] });
    expect(job.logDigest).toMatch(/^sha256:/);
    const lines = await setting.prisma.jobLine.findMany({ where: { jobId: id }, orderBy: { seq: 'asc' } });
    expect(lines.map(({ seq, text }) => [seq, text])).toEqual([
      [1, 'STEP 1'],
      [2, 'STEP 2'],
      [3, 'nul \uFFFD byte'],
      [4, `half a pair ${'x'.repeat(16_371)}\uFFFD [...]`],
    ]);
  });

  it('takes tenants by turns, the one with the fewest running jobs first, and two of each at a time', async () => {
    // All of a come first, and the last of them is the most urgent.
    const asked = [
      await request('a/env@v1'),
      await request('a/env@v2'),
      await request('a/env@v3'),
      await request('a/env@v4', 'rebuild', 5),
      await request('b/env@v1'),
      await request('c/env@v1'),
      await request('c/env@v2'),
      await request('c/env@v3', 'rebuild', -5),
    ];
    const nameOf = new Map(asked.map(({ id, repository, version }) => [id, `${repository[0]}${version}`]));
    const begun: string[] = [];
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const gates = new Map<string, Gate>();
    handler = async ({ id, repository: { name } }) => {
      const now = (running.get(name) ?? 0) + 1;
      running.set(name, now);
      most.set(name, Math.max(now, most.get(name) ?? 0));
      const gate = new Gate();
      begun.push(nameOf.get(id) ?? '');
      gates.set(nameOf.get(id) ?? '', gate);
      await gate.passed;
      running.set(name, now - 1);
      return READY;
    };
    const until = async (count: number): Promise<void> => {
      while (begun.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    // Five slots in two processes, filled one after the other: the order of claims is what is looked at.
    const drains: Promise<number>[] = [];
    for (let slot = 1; slot <= 5; slot++) {
      drains.push(runners[slot % 2 === 0 ? 0 : 1].drain());
      await until(slot);
    }
    expect(begun).toEqual(['a4', 'b1', 'c1', 'a1', 'c2']);

    // a and c have two each, and b has nothing left: nobody may begin.
    expect(await runners[0].drain()).toBe(0);

    for (const [ended, next] of [
      ['c1', 'c3'],
      ['a1', 'a2'],
      ['a4', 'a3'],
    ] as const) {
      gates.get(ended)?.pass();
      await until(begun.length + 1);
      expect(begun.at(-1)).toBe(next);
    }
    for (const gate of gates.values()) gate.pass();
    await Promise.all(drains);
    expect([...most]).toEqual([
      ['a/env', 2],
      ['b/env', 1],
      ['c/env', 2],
    ]);
  });

  it('begins each job once, whoever asks at the same time', async () => {
    const begun: string[] = [];
    handler = async ({ id }) => {
      begun.push(id);
      return READY;
    };
    const asked = await Promise.all(
      ['a', 'b', 'c'].flatMap((name) => [1, 2, 3, 4].map(async (v) => await request(`${name}/env@v${v}`))),
    );

    await Promise.all([0, 1, 0, 1, 0, 1].map(async (n) => await (n === 0 ? runners[0] : runners[1]).drain()));

    expect(begun.toSorted()).toEqual(asked.map(({ id }) => id).toSorted());
  });

  it('takes over what a dead worker held, and lets the dead one write nothing', async () => {
    const late: string[] = [];
    handler = async ({ attempts }, context, runner) => {
      context.line('stdout', `attempt ${attempts}`);
      if (runner === 1) return READY;
      // Its next beat finds that the job is another's.
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      context.line('stdout', 'too late');
      await context.step('signing').catch((error: Error) => late.push(error.name));
      return { ...READY, outcome: 'failed' };
    };
    const job = await request('a/env@v1');
    const first = runners[0].drain();
    // A line is there as soon as its batch was written.
    while ((await setting.prisma.jobLine.count({ where: { jobId: job.id } })) === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    // Beats go on until the claim, which is quicker than the next of them.
    let taken = 0;
    while (taken === 0) {
      await setting.expireLease(job);
      taken = await runners[1].drain();
    }
    await first;

    expect(await jobs.find(ada, job.id)).toMatchObject({ outcome: 'ready', attempts: 2, step: 'requested' });
    expect(late).toEqual(['JobLost']);
    const lines = await setting.prisma.jobLine.findMany({ where: { jobId: job.id }, orderBy: { seq: 'asc' } });
    expect(lines.map(({ seq, text }) => [seq, text])).toEqual([
      [1, 'attempt 1'],
      [2, 'attempt 2'],
    ]);
  });

  it('gives back what it works on when it is stopped, which is no attempt', async () => {
    const gate = new Gate();
    const stopped = (
      await setting.process(async (_, { signal, line }) => {
        line('note', 'begun');
        gate.pass();
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        return READY;
      })
    ).runner;
    handler = async () => READY;
    const job = await request('a/env@v1');
    const drained = stopped.drain();
    await gate.passed;

    stopped.stop();
    await drained;

    expect(await setting.row(job)).toMatchObject({ state: 'queued', attempts: 0, leaseUntil: null });
    await runners[0].drain();
    expect(await jobs.find(ada, job.id)).toMatchObject({ outcome: 'ready', attempts: 1 });
  });

  it('cancels what runs within a beat, and what waits at once', async () => {
    const begun = new Gate();
    handler = async (_, { signal, line }) => {
      line('stdout', 'working');
      begun.pass();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('killed');
    };
    const running = await request('a/env@v1');
    const drained = runners[0].drain();
    await begun.passed;

    expect(await jobs.cancel(ada, running.id)).toMatchObject({ state: 'running', outcome: null });
    await drained;

    expect(await jobs.find(ada, running.id)).toMatchObject({ state: 'ended', outcome: 'cancelled', problem: null });
    expect((await setting.row(running)).logDigest).toMatch(/^sha256:/);
    await expect(jobs.cancel(ada, running.id)).resolves.toMatchObject({ outcome: 'cancelled' });

    const waiting = await request('a/env@v2');
    expect(await jobs.cancel(ada, waiting.id)).toMatchObject({ state: 'ended', outcome: 'cancelled', attempts: 0 });
    expect(await runners[0].drain()).toBe(0);
  });

  it('cancels what a dead worker held without beginning it again', async () => {
    handler = async () => {
      throw new Error('begun');
    };
    const job = await request('a/env@v1');
    await setting.prisma.job.update({
      where: { id: job.id },
      data: { state: 'running', attempts: 1, leaseUntil: new Date(Date.now() - 1000) },
    });

    await jobs.cancel(ada, job.id);
    await runners[0].drain();

    expect(await jobs.find(ada, job.id)).toMatchObject({ outcome: 'cancelled' });
  });

  it.each<[ErrorCode, JobOutcome]>([
    ['RECIPE_REFUSED', 'refused'],
    ['BASE_UNOBTAINABLE', 'unsupported'],
    ['CLOSURE_INCOMPLETE', 'closure-incomplete'],
    ['BLOB_CORRUPT', 'failed'],
  ])('ends with %s as %s', async (code, outcome) => {
    handler = async () => {
      throw new ArchiveError(code, { file: 'Dockerfile' });
    };
    const { id } = await request('a/env@v1');

    await runners[0].drain();

    const job = await jobs.find(ada, id);
    expect(job).toMatchObject({ state: 'ended', outcome, problem: { code, detail: { file: 'Dockerfile' } } });
  });

  it('tries again later after a temporary failure, five times at most', async () => {
    handler = async () => {
      throw new ArchiveError('UPSTREAM_UNAVAILABLE', { host: 'registry.example.org' });
    };
    const job = await request('a/env@v1');

    for (let attempt = 1; attempt <= 4; attempt++) {
      await runners[0].drain();
      const row = await setting.row(job);
      expect(row).toMatchObject({ state: 'queued', attempts: attempt, problem: { code: 'UPSTREAM_UNAVAILABLE' } });
      expect(row.leaseUntil?.getTime()).toBeGreaterThan(Date.now());
      expect(await runners[0].drain()).toBe(0);
      await setting.expireLease(job);
    }
    await runners[0].drain();

    expect(await jobs.find(ada, job.id)).toMatchObject({ outcome: 'failed', attempts: 5 });
  });

  it('ends what took its workers down five times', async () => {
    handler = async () => READY;
    const job = await request('a/env@v1');
    await setting.prisma.job.update({ where: { id: job.id }, data: { state: 'running', attempts: 5 } });
    await setting.expireLease(job);

    await runners[0].drain();

    expect(await jobs.find(ada, job.id)).toMatchObject({
      outcome: 'failed',
      problem: { code: 'JOB_ABANDONED', detail: { attempts: 5 } },
    });
  });

  it('tells of what nobody foresaw after the others, and shows it to nobody else', async () => {
    handler = async ({ version }) => {
      if (version === 1) throw new TypeError('undefined is not a function at /srv/secret');
      return READY;
    };
    const broken = await request('a/env@v1');
    const fine = await request('a/env@v2');

    await expect(runners[0].drain()).rejects.toThrow('undefined is not a function');

    expect(await jobs.find(ada, broken.id)).toMatchObject({
      outcome: 'failed',
      problem: { code: 'INTERNAL', detail: {} },
    });
    expect(await jobs.find(ada, fine.id)).toMatchObject({ outcome: 'ready' });
  });

  it('refuses to work for an account that has lost its role', async () => {
    handler = async () => READY;
    const bob = await setting.account('bob', { a: 'depositor' });
    const job = await jobs.request(bob, 'a/env@v1', { kind: 'rehearse', priority: 0 });
    await setting.prisma.namespaceMember.deleteMany({ where: { account: { name: 'bob' } } });

    await runners[0].drain();

    expect(await setting.row(job)).toMatchObject({ outcome: 'refused', problem: { code: 'DENIED' } });
  });

  it('leaves jobs of kinds that it cannot do to others', async () => {
    const job = await request('a/env@v1');

    expect(await (await setting.process(null)).runner.drain()).toBe(0);

    expect(await setting.row(job)).toMatchObject({ state: 'queued', attempts: 0 });
  });
});
