import { ANONYMOUS, type Principal } from '@envarium/access';
import type { CreateJob } from '@envarium/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JobsService } from './jobs.service.js';
import { JobsSetting } from './jobs.suite.js';

const REBUILD: CreateJob = { kind: 'rebuild', priority: 0 };
const RUN = 'run-0000';

describe('jobs/jobs.service', () => {
  let setting: JobsSetting;
  let jobs: JobsService;
  let ada: Principal;
  let rita: Principal;
  let dora: Principal;

  beforeAll(async () => {
    setting = await JobsSetting.start();
    ada = await setting.account('ada', { lab: 'depositor' });
    rita = await setting.account('rita', { lab: 'reader' });
    dora = await setting.account('dora', { elsewhere: 'owner' });
    await setting.record('lab/eeg', 'env-0000-0000', ['published', 'published', 'withdrawn', 'draft']);
    const published = await setting.prisma.recordVersion.findMany({ orderBy: { number: 'asc' } });
    const digests = { contentDigest: 'sha256:0', artifactDigest: 'sha256:1' };
    const run = { publicId: RUN, versionId: published[0]!.id, ...digests, createdAt: new Date() };
    await setting.prisma.run.create({ data: run });
    jobs = (await setting.process(null)).get(JobsService);
  });
  beforeEach(async () => await setting.clear());
  afterAll(async () => await setting.stop());

  it('gives an equal job that has not ended instead of a second one', async () => {
    const asked = await Promise.all(
      [1, 2, 3].map(async () => await jobs.request(ada, 'lab/eeg@v1', { ...REBUILD, priority: 3 })),
    );
    const others = [
      await jobs.request(ada, 'lab/eeg@v1', { kind: 'rehearse', priority: 0 }),
      await jobs.request(ada, 'lab/eeg@v2', REBUILD),
      await jobs.request(ada, 'lab/eeg@v1', { kind: 'rerun', runId: RUN, priority: 0 }),
      await jobs.request(ada, 'lab/eeg@v1', {
        kind: 'rerun',
        runId: RUN,
        tolerance: { relative: 0.1, absolute: 0, pixels: 0 },
        priority: 0,
      }),
    ];

    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    expect(new Set([...asked, ...others].map(({ id }) => id)).size).toBe(5);

    await jobs.cancel(ada, asked[0]!.id);
    expect((await jobs.request(ada, 'lab/eeg@v1', REBUILD)).id).not.toBe(asked[0]!.id);
  });

  it.each<[string, string, CreateJob, string]>([
    ['a draft', 'lab/eeg@v4', REBUILD, 'VERSION_NOT_PUBLISHED'],
    ['a version that was withdrawn', 'lab/eeg@v3', REBUILD, 'VERSION_NOT_PUBLISHED'],
    ['a version that is not there', 'lab/eeg@v9', REBUILD, 'VERSION_UNKNOWN'],
    ['a run of another version', 'lab/eeg@v2', { kind: 'rerun', runId: RUN, priority: 0 }, 'RUN_UNKNOWN'],
    ['a re-run of nothing', 'lab/eeg@v1', { kind: 'rerun', priority: 0 }, 'REQUEST_INVALID'],
    ['a run where none is repeated', 'lab/eeg@v1', { ...REBUILD, runId: RUN }, 'REQUEST_INVALID'],
  ])('refuses %s', async (_title, reference, asked, code) => {
    await expect(jobs.request(ada, reference, asked)).rejects.toMatchObject({ code });
  });

  it.each([
    ['anonymous', () => ANONYMOUS, 'UNAUTHORIZED', 'DENIED'],
    ['a stranger', () => dora, 'DENIED', 'DENIED'],
    ['a reader', () => rita, 'DENIED', 'DENIED'],
  ])('lets %s neither request nor cancel', async (_title, who, refusal, refusedCancel) => {
    const { id } = await jobs.request(ada, 'lab/eeg@v1', REBUILD);

    await expect(jobs.request(who(), 'lab/eeg@v1', REBUILD)).rejects.toMatchObject({ code: refusal });
    await expect(jobs.cancel(who(), id)).rejects.toMatchObject({ code: refusedCancel });
  });

  it('takes twenty open jobs of an account, and more when some have ended', async () => {
    const { id: repositoryId } = await setting.prisma.repository.findFirstOrThrow();
    const { id: versionId } = await setting.prisma.recordVersion.findFirstOrThrow({ where: { number: 2 } });
    const rows = Array.from({ length: 20 }, (_, i) => ({
      id: `0000000000000000000000000${String.fromCharCode(65 + (i % 8))}${i}`.slice(-26),
      kind: 'rerun' as const,
      repositoryId,
      versionId,
      input: { runId: `${i}`, tolerance: null },
      createdBy: 'ada',
    }));
    await setting.prisma.job.createMany({ data: rows });

    await expect(jobs.request(ada, 'lab/eeg@v1', REBUILD)).rejects.toMatchObject({
      code: 'TOOMANYREQUESTS',
      detail: { open: 20, limit: 20 },
    });

    await setting.prisma.job.updateMany({ where: { id: rows[0]!.id }, data: { state: 'ended', outcome: 'failed' } });
    await expect(jobs.request(ada, 'lab/eeg@v1', REBUILD)).resolves.toMatchObject({ state: 'queued' });
  });

  it('lists those of a record or of a version, newest first, page by page', async () => {
    const first = await jobs.request(ada, 'lab/eeg@v1', REBUILD);
    const second = await jobs.request(ada, 'lab/eeg@v2', REBUILD);
    const third = await jobs.request(ada, 'lab/eeg@v2', { kind: 'rehearse', priority: 0 });

    const page = await jobs.list(ANONYMOUS, 'lab/eeg', 2, null);
    const rest = await jobs.list(ANONYMOUS, 'env-0000-0000', 2, page.next);
    const ofVersion = await jobs.list(rita, 'lab/eeg@v2', 10, null);

    expect(page.items.map(({ id }) => id)).toEqual([third.id, second.id]);
    expect(rest.items.map(({ id }) => id)).toEqual([first.id]);
    expect(ofVersion.items.map(({ id }) => id)).toEqual([third.id, second.id]);
    await expect(jobs.list(ANONYMOUS, 'lab/nothing', 2, null)).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' });
    await expect(jobs.list(ANONYMOUS, 'lab/eeg', 2, 'nonsense')).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it('shows the details of a problem to members alone, and knows no other identifiers', async () => {
    const { id } = await jobs.request(ada, 'lab/eeg@v1', REBUILD);
    const problem = { code: 'RECIPE_REFUSED', title: 'refused', remedy: null, detail: { line: 'RUN secret' } };
    await setting.prisma.job.update({ where: { id }, data: { state: 'ended', outcome: 'refused', problem } });

    expect((await jobs.find(rita, id)).problem).toEqual(problem);
    expect((await jobs.find(dora, id)).problem).toEqual({ ...problem, detail: {} });
    for (const unknown of ['', 'nonsense\0', '0'.repeat(26)]) {
      await expect(jobs.find(ada, unknown)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
    }
    await expect(jobs.cancel(ada, id)).rejects.toMatchObject({ code: 'JOB_ENDED' });
  });
});
