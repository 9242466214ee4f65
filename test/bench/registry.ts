import 'reflect-metadata';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isInstalled } from './program.js';
import { PUSH_CONNECTIONS, pullLarge, pullMany, pushLarge, pushMany, type Sizes } from './registry/blob-cases.js';
import { compare, type Comparison, ratiosOf } from './registry/comparison.js';
import type { Finding } from './registry/finding.js';
import { measureLists } from './registry/lists.js';
import { manifestRate } from './registry/manifest-case.js';
import { measureMemory } from './registry/memory.js';
import { lineOfFinding, linesOfComparison } from './registry/report.js';
import { type Contestant, contestants, ENVARIUM } from './registry/server.js';

/*
 * npm run bench:registry [-- --case pull-large,lists --rounds 5 --json FILE]: Envarium and other registries on this
 * machine, by turns in one run. ENVARIUM_URL and ENVARIUM_TOKEN name a running Envarium to measure instead of a new one.
 */
const { values: options } = parseArgs({
  options: {
    case: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    /** Of the one large blob. */
    mib: { type: 'string', default: '1024' },
    /** Of each blob of the memory case. */
    'memory-mib': { type: 'string', default: '2048' },
    /** Of each measurement of the requests a second. */
    seconds: { type: 'string', default: '5' },
    repositories: { type: 'string', default: '100000' },
    tags: { type: 'string', default: '10000' },
    referrers: { type: 'string', default: '1000' },
  },
});
const rounds = Number(options.rounds);

interface Outcome {
  /** For people. */
  readonly lines: readonly string[];
  /** For programs. */
  readonly result: object;
  readonly isPassed: boolean;
}

type Case = (directory: string, servers: readonly Contestant[]) => Promise<Outcome>;

const CASES: Readonly<Record<string, Case>> = {
  'pull-large': comparing(pullLarge),
  'push-large': comparing(pushLarge),
  'pull-many': comparing(pullMany),
  'push-many': comparing(async (sizes) => await pushMany(PUSH_CONNECTIONS, sizes)),
  'push-many-1': comparing(async (sizes) => await pushMany(1, sizes)),
  manifests: comparing(async () => await manifestRate('anonymous', Number(options.seconds))),
  'manifests-token': comparing(async () => await manifestRate('token', Number(options.seconds))),
  lists: async () => {
    const findings = await measureLists({
      repositories: Number(options.repositories),
      tags: Number(options.tags),
      referrers: Number(options.referrers),
    });
    return outcomeOf('one page of a long list', findings, {});
  },
  memory: async (directory, servers) => {
    const envarium = servers.find(({ name }) => name === ENVARIUM);
    if (envarium === undefined) throw new Error('no Envarium to measure');
    const { findings, curve } = await measureMemory(envarium, directory, Number(options['memory-mib']));
    return outcomeOf('memory under load', findings, { curve });
  },
};

function comparing(create: (sizes: Sizes) => Promise<Comparison>): Case {
  return async (directory, servers) => {
    const comparison = await create({ directory, rounds, mib: Number(options.mib) });
    const measured = await compare(comparison, servers, directory, rounds);
    const ratios = ratiosOf(comparison, measured);
    const title = `${comparison.title}, medians of ${rounds} rounds`;
    return {
      lines: [title, ...linesOfComparison(comparison, measured, ratios)],
      result: { title: comparison.title, unit: comparison.unit, measured, ratios },
      isPassed: ratios.every(({ isBar, isMet }) => isMet || !isBar),
    };
  };
}

function outcomeOf(title: string, findings: readonly Finding[], more: object): Outcome {
  return {
    lines: [title, ...findings.map(lineOfFinding)],
    result: { title, findings, ...more },
    isPassed: findings.every(({ isMet }) => isMet),
  };
}

function chosenCases(): [string, Case][] {
  const names = options.case?.split(',') ?? Object.keys(CASES);
  return names.map((name) => {
    const run = CASES[name];
    if (run === undefined) throw new Error(`--case ${name}: one of ${Object.keys(CASES).join(', ')}`);
    return [name, run];
  });
}

async function main(): Promise<void> {
  if (!isInstalled('curl')) throw new Error('curl is not installed; apt-get install curl');
  const chosen = chosenCases();
  const servers = contestants();
  for (const { name, absence } of servers)
    if (absence !== null) console.log(`SKIPPED: ${name} is not here: ${absence}`);
  console.log(`${cpus().length} CPUs (${cpus()[0]?.model}), load average ${loadavg()[0]?.toFixed(1)}`);
  console.log(
    'docker-registry and distribution sync a pushed file, but not the directory that names it; Envarium both.\n',
  );
  const results: Record<string, object> = {};
  let isPassed = true;
  for (const [name, run] of chosen) {
    const directory = await mkdtemp(path.join(tmpdir(), 'envarium-bench-'));
    // As root PostgreSQL runs as somebody else, who must be able to get there.
    await chmod(directory, 0o755);
    try {
      const outcome = await run(
        directory,
        servers.filter(({ absence }) => absence === null),
      );
      console.log(`${name}: ${outcome.lines.join('\n')}\n`);
      results[name] = outcome.result;
      isPassed &&= outcome.isPassed;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  console.log(isPassed ? 'PASS' : 'FAIL');
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  if (options.json !== undefined) await writeFile(options.json, JSON.stringify({ machine, rounds, results }, null, 2));
  process.exitCode = isPassed ? 0 : 1;
}

await main();
