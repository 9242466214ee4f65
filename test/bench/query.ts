import 'reflect-metadata';
import { createHash, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deployMigrations, startEmbeddedPostgres } from '@envarium/database';
import { databaseSize, type DatabaseSize, startServer } from './query/archive-server.js';
import { doiOf, fillArchive, labelOf, outputCount, OUTPUTS_PER_ARTICLE, type Shape } from './query/fill.js';
import { type Latencies, measure, warmUp } from './query/load.js';
import { slowestPlan } from './query/plan.js';

/*
 * npm run bench:query: how long "what ran figure 3" takes over HTTP in an archive of 20,000 records of 100 packages each.
 * The database is that of DATABASE_URL (empty, or filled by an earlier run), else a throw-away one with durability on.
 */
const P95_BAR_MS = 15;
const LOAD = { requests: 2000, warmUp: 200, connections: 4 };

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    records: { type: 'string', default: '20000' },
    requests: { type: 'string', default: String(LOAD.requests) },
  },
});
const shape: Shape = {
  records: Number(options.records),
  packagesPerRecord: 100,
  packageVersions: 5000,
  linksPerRecord: 2,
};
// Built, this file is two levels deeper than the package.
const root = path.resolve(import.meta.dirname, '../../..');
const links = shape.records * shape.linksPerRecord;

type Query = { readonly doi: string; readonly output: string } | { readonly file: string };

interface Question {
  readonly name: string;
  readonly next: () => Query;
}

const QUESTIONS: readonly Question[] = [
  {
    name: 'DOI and label',
    next: () => {
      const output = randomInt(outputCount(links));
      const doi = doiOf(1 + Math.floor(output / OUTPUTS_PER_ARTICLE));
      return { doi, output: labelOf(1 + (output % OUTPUTS_PER_ARTICLE)) };
    },
  },
  {
    name: 'file digest',
    next: () => ({
      file: `sha256:${createHash('sha256')
        .update(`figure ${1 + randomInt(links)}`)
        .digest('hex')}`,
    }),
  },
];

interface Outcome extends Latencies {
  readonly question: string;
  readonly passed: boolean;
  readonly plan: string | null;
}

async function bench(databaseUrl: string, dataDir: string): Promise<boolean> {
  await deployMigrations(databaseUrl, path.join(root, 'prisma/migrations'));
  say(`filling ${shape.records} records of ${shape.packagesPerRecord} packages ...`);
  const begin = performance.now();
  const isNew = await fillArchive(databaseUrl, shape);
  say(isNew ? `filled in ${((performance.now() - begin) / 1000).toFixed(1)} s` : 'filled by an earlier run');
  const size = await databaseSize(databaseUrl);
  const loadBefore = loadavg();
  const server = await startServer(root, databaseUrl, dataDir);
  const outcomes: Outcome[] = [];
  try {
    for (const question of QUESTIONS) await warmUp(server.url, pathOf(question), LOAD);
    for (const question of QUESTIONS) {
      const latencies = await measure(server.url, pathOf(question), { ...LOAD, requests: Number(options.requests) });
      const passed = latencies.p95 <= P95_BAR_MS;
      const plan = passed ? null : await slowestPlan(databaseUrl, dataDir, question.next());
      outcomes.push({ question: question.name, ...latencies, passed, plan });
    }
  } finally {
    await server.stop();
  }
  report({ shape, ...size, cpus: cpus().length, loadBefore, loadAfter: loadavg(), barMs: P95_BAR_MS, outcomes });
  return outcomes.every(({ passed }) => passed);
}

function pathOf(question: Question): () => string {
  return () => `/api/v1/what-ran?${new URLSearchParams(question.next()).toString()}`;
}

interface Report extends DatabaseSize {
  readonly shape: Shape;
  readonly cpus: number;
  readonly loadBefore: readonly number[];
  readonly loadAfter: readonly number[];
  readonly barMs: number;
  readonly outcomes: readonly Outcome[];
}

function report(result: Report): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const ms = (value: number): string => value.toFixed(1).padStart(8);
  const lines = result.outcomes.map(
    ({ question, p50, p95, p99, max, requestsPerSecond, passed }) =>
      `${question.padEnd(16)}${ms(p50)}${ms(p95)}${ms(p99)}${ms(max)}${requestsPerSecond.toFixed(0).padStart(10)}  ${passed ? 'PASS' : 'FAIL'}`,
  );
  const load = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' ');
  say(`
what ran         p50 ms  p95 ms  p99 ms  max ms requests/s  (bar: p95 <= ${result.barMs} ms)
${lines.join('\n')}

${LOAD.connections} connections, ${options.requests} requests each; ${result.cpus} CPUs, load average before ${load(result.loadBefore)}, after ${load(result.loadAfter)}
database ${(result.bytes / 1e6).toFixed(0)} MB, ${(result.bytes / result.shape.records / 1000).toFixed(1)} kB a record
${Object.entries(result.rows)
  .map(([name, rows]) => `${rows.toLocaleString('en').padStart(12)}  ${name}`)
  .join('\n')}`);
  for (const { question, plan } of result.outcomes) if (plan !== null) say(`\n${question}: ${plan}`);
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
  process.exitCode = (await bench(given ?? embedded?.url ?? '', dataDir)) ? 0 : 1;
} finally {
  await embedded?.stop();
  await rm(dataDir, { recursive: true, force: true });
}
