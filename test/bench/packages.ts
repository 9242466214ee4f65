import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deployMigrations, startEmbeddedPostgres } from '@envarium/database';
import { fillRealisticPackages, POPULAR } from './packages/fill-packages.js';
import { type HandWritten, measureHandWritten } from './packages/hand-written.js';
import { measureRegistering, type Registered } from './packages/register.js';
import { databaseSize, type DatabaseSize, startServer } from './query/archive-server.js';
import { doiOf, fillArchive, outputCount, OUTPUTS_PER_ARTICLE, type Shape } from './query/fill.js';
import { type Latencies, measure, warmUp } from './query/load.js';

/*
 * npm run bench:packages: "which records used the most popular package in this range" over HTTP, in an archive of 100,000
 * records of 250 packages each, against the same page as hand-written SQL; what registering an environment costs; and how
 * large a record is. The database is that of DATABASE_URL (empty, or filled by an earlier run), else a throw-away one.
 */
const BARS = { firstPageMs: 100, timesHandWritten: 2, registerMs: 50, whatRanMs: 10 };
const RANGE = '>=1.4,<1.30,!=1.7.*';
const REGISTERED_PACKAGES = 300;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    records: { type: 'string', default: '100000' },
    packages: { type: 'string', default: '250' },
    versions: { type: 'string', default: '20000' },
    requests: { type: 'string', default: '500' },
  },
});
const shape: Shape = {
  records: Number(options.records),
  packagesPerRecord: Number(options.packages),
  packageVersions: Number(options.versions),
  linksPerRecord: 2,
};
const requests = Number(options.requests);
// One question at a time: a bar of latency is not one of throughput.
const LOAD = { requests, warmUp: Math.min(50, requests), connections: 1 };
// Built, this file is two levels deeper than the package.
const root = path.resolve(import.meta.dirname, '../../..');

const usesPath = (more = ''): string =>
  `/api/v1/packages/pypi/${POPULAR}/uses?${new URLSearchParams({ range: RANGE }).toString()}${more}`;

interface Result extends DatabaseSize {
  readonly shape: Shape;
  readonly firstPage: Latencies;
  readonly laterPage: Latencies;
  readonly whatRan: Latencies;
  readonly handWritten: HandWritten;
  readonly registered: Registered;
  readonly bytesPerRecord: number;
  readonly cpus: number;
  readonly load: readonly number[];
  readonly passed: Readonly<Record<string, boolean>>;
}

async function bench(databaseUrl: string, dataDir: string): Promise<Result> {
  await deployMigrations(databaseUrl, path.join(root, 'prisma/migrations'));
  say(`filling ${shape.records} records of ${shape.packagesPerRecord} packages ...`);
  const begin = performance.now();
  const isNew = await fillArchive(databaseUrl, shape, fillRealisticPackages);
  say(isNew ? `filled in ${((performance.now() - begin) / 1000).toFixed(0)} s` : 'filled by an earlier run');
  const size = await databaseSize(databaseUrl);
  const server = await startServer(root, databaseUrl, dataDir);
  try {
    await warmUp(server.url, () => usesPath(), LOAD);
    const firstPage = await measure(server.url, () => usesPath(), LOAD);
    const cursor = await nextCursor(server.url);
    const laterPage = await measure(server.url, () => usesPath(`&cursor=${cursor}`), LOAD);
    const handWritten = await measureHandWritten(databaseUrl, RANGE, requests);
    await warmUp(server.url, whatRanPath, LOAD);
    const whatRan = await measure(server.url, whatRanPath, LOAD);
    const registered = await measureRegistering(databaseUrl, shape.packageVersions, REGISTERED_PACKAGES, 200);
    return {
      shape,
      ...size,
      firstPage,
      laterPage,
      whatRan,
      handWritten,
      registered,
      bytesPerRecord: size.bytes / shape.records,
      cpus: cpus().length,
      load: loadavg(),
      passed: {
        firstPage: firstPage.p95 < BARS.firstPageMs,
        timesHandWritten: laterPage.p95 <= BARS.timesHandWritten * handWritten.p95,
        registered: registered.p95 < BARS.registerMs,
        whatRan: whatRan.p95 <= BARS.whatRanMs,
      },
    };
  } finally {
    await server.stop();
  }
}

function whatRanPath(): string {
  const articles = Math.floor(outputCount(shape.records * shape.linksPerRecord) / OUTPUTS_PER_ARTICLE);
  const doi = doiOf(1 + Math.floor(Math.random() * articles));
  return `/api/v1/what-ran?${new URLSearchParams({ doi, output: 'Figure 1' }).toString()}`;
}

async function nextCursor(url: string): Promise<string> {
  const answer = await fetch(new URL(usesPath(), url));
  const { next } = (await answer.json()) as { next: string | null };
  if (next === null) throw new Error('the popular package fits on one page: nothing is measured');
  return next;
}

function report(result: Result): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const { firstPage, laterPage, whatRan, handWritten, registered, passed } = result;
  const verdict = (name: string): string => (passed[name] === true ? 'PASS' : 'FAIL');
  const line = (name: string, { p50, p95, p99 }: Pick<Latencies, 'p50' | 'p95' | 'p99'>): string =>
    `${name.padEnd(40)}${[p50, p95, p99].map((ms) => ms.toFixed(1).padStart(8)).join('')}`;
  say(`
                                          p50 ms  p95 ms  p99 ms
${line(`range ${RANGE}, first page, counted`, firstPage)}  ${verdict('firstPage')} (bar: p95 < ${BARS.firstPageMs} ms)
${line('the next page, over HTTP', laterPage)}  ${verdict('timesHandWritten')} (bar: <= ${BARS.timesHandWritten} x hand-written SQL)
${line('that page as hand-written SQL', handWritten)}
${line('what ran a figure', whatRan)}  ${verdict('whatRan')} (bar: p95 <= ${BARS.whatRanMs} ms)
registering ${REGISTERED_PACKAGES} packages: p50 ${registered.p50.toFixed(1)} ms, p95 ${registered.p95.toFixed(1)} ms  ${verdict('registered')} (bar: p95 < ${BARS.registerMs} ms)
${handWritten.versionsInRange} versions of ${POPULAR} are in the range

database ${(result.bytes / 1e6).toFixed(0)} MB, ${(result.bytesPerRecord / 1000).toFixed(1)} kB a record; ${result.cpus} CPUs, load ${result.load.map((each) => each.toFixed(1)).join(' ')}
${Object.entries(result.rows)
  .map(([name, rows]) => `${rows.toLocaleString('en').padStart(12)}  ${name}`)
  .join('\n')}`);
}

/** With --json only the result goes to standard output. */
function say(text: string): void {
  (options.json ? process.stderr : process.stdout).write(`${text}\n`);
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'envarium-bench-'));
const given = process.env['DATABASE_URL'];
const embedded =
  given === undefined ? await startEmbeddedPostgres({ directory: path.join(dataDir, 'postgres') }) : null;
try {
  const result = await bench(given ?? embedded?.url ?? '', dataDir);
  report(result);
  process.exitCode = Object.values(result.passed).every(Boolean) ? 0 : 1;
} finally {
  await embedded?.stop();
  await rm(dataDir, { recursive: true, force: true });
}
