import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EnvironmentDiff, Job, OutputLink, Receipt, RecordVersion } from '@envarium/schema';
import { z } from 'zod';
import { Narrator } from '../demo/narrator.js';
import { Processes } from '../demo/processes.js';
import { CASES, type ShowcaseCase } from './cases.js';
import { makeDebianBase } from './debian-base.js';
import { permittedSources } from './package-sources.js';
import { runHere } from './run-here.js';

/*
 * Real inputs, rebuilt with nothing of the world left: each is deposited, recorded once, the upstream is cut, and then it
 * is rebuilt, under a clock that stands twenty years later, and its figure is made again.
 */

const DOI = '10.5555/envarium.showcase.2026';
const BASE = 'bases/debian';
const TWENTY_YEARS = '+20y';

const Running = z.object({ url: z.string(), adminToken: z.string() });
const Closures = z.object({
  items: z.array(z.object({ document: z.object({ image: z.object({ digest: z.string() }) }) })),
});
const Receipts = z.object({ items: z.array(Receipt) });
const Linked = z.object({ link: OutputLink }).or(OutputLink);

/** As many as there are processors here, and as the queue works on for one namespace. */
const LANES = 2;

/** What is told of one case, in one piece: cases are worked on side by side. */
class Chapter {
  private readonly told = new PassThrough({ encoding: 'utf8', highWaterMark: 2 ** 22 });
  readonly narrator = new Narrator(this.told);

  /** @returns true when all that was compared was equal */
  close(): boolean {
    const isProven = this.narrator.conclude();
    process.stdout.write(String(this.told.read() ?? ''));
    return isProven;
  }
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<T, R>();
  const waiting = items.values();
  const lane = async (): Promise<void> => {
    for (const item of waiting) results.set(item, await work(item));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return items.flatMap((item) => (results.has(item) ? [results.get(item) as R] : []));
}

interface Setting {
  readonly narrator: Narrator;
  readonly processes: Processes;
  readonly root: string;
  readonly work: string;
  readonly url: string;
  readonly token: string;
}

interface Recorded {
  readonly showcase: ShowcaseCase;
  readonly record: string;
  readonly runId: string;
}

async function record(setting: Setting, showcase: ShowcaseCase): Promise<Recorded> {
  const { narrator, processes, root, work } = setting;
  const name = `lab/${showcase.name}`;
  const envarium = async (...args: string[]): Promise<unknown> => {
    narrator.say(`$ envarium ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`);
    return await processes.envarium(args, work);
  };
  const folder = path.join(root, 'test/showcase/__fixtures__', showcase.folder);
  await envarium('deposit', folder, '--all', '--record', name, '--title', showcase.title);
  RecordVersion.parse(await envarium('publish', `${name}@v1`));
  const rehearsed = Job.parse(await envarium('rehearse', `${name}@v1`));
  narrator.compare(`${showcase.name}: the rehearsal ends ready`, 'ready', rehearsed.outcome);
  narrator.say(`${rehearsed.result?.summary ?? 'nothing'} (${secondsOf(rehearsed)} s: one recording, two rebuilds)`);

  const { items } = Closures.parse(await get(setting, `versions/${encodeURIComponent(`${name}@v1`)}/closures`));
  const digest = items[0]?.document.image.digest ?? '';
  const made = path.join(work, `${showcase.name}-made`);
  await mkdir(made);
  await envarium('pull', `${name}@${digest}`, '--output', path.join(work, `${showcase.name}-image`));
  await runHere(path.join(work, `${showcase.name}-image`), digest, showcase, folder, made);
  narrator.say(`made: ${(await readdir(made)).join(', ')}`);
  const files = showcase.outputs.flatMap((output) => ['--file', output]);
  const inputs = showcase.inputs.flatMap((input) => ['--input', input]);
  const claim = ['--article', DOI, '--output', `Figure ${CASES.indexOf(showcase) + 1}`, '--command', showcase.command];
  const linked = Linked.parse(await processes.envarium(['link', `${name}@v1`, ...claim, ...inputs, ...files], made));
  const { run } = 'link' in linked ? linked.link : linked;
  return { showcase, record: name, runId: run.id };
}

async function prove(setting: Setting, { showcase, record: name, runId }: Recorded): Promise<boolean> {
  const { narrator, processes, work } = setting;
  const rebuilt = Job.parse(await processes.envarium(['rebuild', `${name}@v1`], work));
  narrator.compare(`${showcase.name}: it is rebuilt with the network off`, 'ready', rebuilt.outcome);
  const rerun = Job.parse(await processes.envarium(['rerun', `${name}@v1`, runId], work));
  narrator.compare(`${showcase.name}: its output is made again`, 'ready', rerun.outcome);
  const grade = rebuilt.result?.grade ?? null;
  narrator.say(`${grade ?? 'no grade'}; ${rerun.result?.summary ?? 'no summary'}`);
  const { items } = Receipts.parse(
    await get(setting, `versions/${encodeURIComponent(`${name}@v1`)}/receipts?limit=100`),
  );
  const isProof = items.filter(({ kind }) => kind === 'rebuild').every((receipt) => receipt.isProof);
  narrator.compare(
    `${showcase.name}: every rebuild is a proof (no way out, nothing missing, limits held)`,
    true,
    isProof,
  );
  return grade === 'identical';
}

const OLDER = 'lua-old';
const NEWER = 'lua-new';

/** Claims of the newer environment what came out of the older one: somebody has upgraded, and kept the figure. */
async function mistake({ processes, work }: Setting, recorded: readonly Recorded[]): Promise<string | null> {
  const newer = recorded.find(({ showcase }) => showcase.name === NEWER);
  if (newer === undefined || !recorded.some(({ showcase }) => showcase.name === OLDER)) return null;
  const { command, inputs, outputs } = newer.showcase;
  const claim = ['--article', DOI, '--output', 'Table S1', '--command', command];
  const files = [...inputs.flatMap((input) => ['--input', input]), ...outputs.flatMap((output) => ['--file', output])];
  const made = path.join(work, `${OLDER}-made`);
  const linked = Linked.parse(await processes.envarium(['link', `${newer.record}@v1`, ...claim, ...files], made));
  return ('link' in linked ? linked.link : linked).run.id;
}

/** The same program in two environments: the re-run shows that the results differ, and the comparison of the two says why. */
async function explain(setting: Setting, runId: string): Promise<void> {
  const { narrator, processes, root, work } = setting;
  const [older, newer] = [`lab/${OLDER}@v1`, `lab/${NEWER}@v1`];
  const program = path.join(root, 'dist/apps/cli/src/main.js');
  const { code } = await processes.run(process.execPath, [program, 'rerun', newer, runId], work);
  narrator.compare('the exit code says that the result is another', 10, code);
  const { items } = Receipts.parse(await get(setting, `versions/${encodeURIComponent(newer)}/receipts?limit=100`));
  const signed = items.find((receipt) => receipt.runId === runId)?.summary;
  narrator.compare('and so does a receipt', 'made again in the archived image, with another result: ratio.txt', signed);
  const { summary, packages } = EnvironmentDiff.parse(await processes.envarium(['diff', older, newer], work));
  narrator.say(summary.join('\n'));
  const changes = packages.map(({ change, name }) => `${change} ${name}`);
  narrator.compare(
    'what lies between the two environments is named',
    'added lua5.3, removed lua5.1',
    changes.sort().join(', '),
  );
}

async function get({ url, token }: Setting, route: string): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${route}`, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${route} answered ${answer.status}`);
  return await answer.json();
}

function secondsOf({ startedAt, finishedAt }: Job): string {
  return startedAt === null || finishedAt === null
    ? '?'
    : ((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(0);
}

/** For every process of the installation but its database, which is started with an environment of its own. */
function clockMoved(): Record<string, string> {
  const architecture = process.arch === 'x64' ? 'x86_64' : 'aarch64';
  return {
    LD_PRELOAD: `/usr/lib/${architecture}-linux-gnu/faketime/libfaketime.so.1`,
    FAKETIME: TWENTY_YEARS,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { case: { type: 'string' }, keep: { type: 'boolean', default: false } } });
  const wanted = values.case?.split(',');
  const cases = CASES.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const root = path.resolve(import.meta.dirname, '../../..');
  const work = await mkdtemp(path.join(tmpdir(), 'envarium-showcase-'));
  const narrator = new Narrator(process.stdout);
  let isProven = true;
  const environment = {
    ENVARIUM_DATA_DIR: path.join(work, 'data'),
    ENVARIUM_PORT: '0',
    ENVARIUM_LOG_LEVEL: 'error',
    ENVARIUM_RECIPE_BASE: `${BASE}:v1`,
    XDG_CONFIG_HOME: path.join(work, 'config'),
  };
  let processes = new Processes(root, environment);
  try {
    const allow = await permittedSources(processes, work);
    processes = new Processes(root, { ...environment, ENVARIUM_OUTBOUND_ALLOW: allow });
    const running = Running.parse(await narrator.step('An archive is started.', async () => await processes.up(work)));
    await processes.envarium(['login', running.url, '--token', running.adminToken], work);
    const before = { narrator, processes, root, work, url: running.url, token: running.adminToken };
    await narrator.step('A minimal Debian is made with mmdebstrap, and archived.', async () => {
      for (const namespace of ['bases', 'lab']) await processes.envarium(['namespace', 'create', namespace], work);
      await mkdir(path.join(work, 'base'));
      const archive = await makeDebianBase(processes, path.join(work, 'base'));
      narrator.say(`${((await stat(archive)).size / 1e6).toFixed(0)} MB`);
      const empty = path.join(work, 'empty');
      await mkdir(empty);
      await processes.envarium(['deposit', empty, '--record', BASE, '--image', `oci-archive:${archive}`], work);
      await processes.envarium(['publish', `${BASE}@v1`], work);
    });
    const recorded = await inLanes(cases, async (showcase) => {
      const own = new Chapter();
      const one = await own.narrator.step(`Recorded: ${showcase.title}.`, async () => {
        return await record({ ...before, narrator: own.narrator }, showcase);
      });
      isProven = own.close() && isProven;
      return one;
    });
    const mistaken = await mistake(before, recorded);
    await processes.stopAll();

    // From here on every server of the world is gone, and the clock of everything here stands in 2046.
    const later = new Processes(root, { ...environment, ...clockMoved() });
    processes = later;
    const started = Running.pick({ url: true }).parse(
      await narrator.step(
        `The upstream is cut, and the clock moved by ${TWENTY_YEARS}.`,
        async () => await later.up(work),
      ),
    );
    await later.envarium(['login', started.url, '--token', before.token], work);
    const after = { ...before, processes: later, url: started.url };
    const grades = await inLanes(recorded, async (one) => {
      const own = new Chapter();
      const isIdentical = await own.narrator.step(`Rebuilt and run again: ${one.showcase.title}.`, async () => {
        return await prove({ ...after, narrator: own.narrator }, one);
      });
      isProven = own.close() && isProven;
      return isIdentical;
    });
    if (mistaken !== null) {
      await narrator.step('One program, two environments, two results.', async () => await explain(after, mistaken));
    }
    const identical = grades.filter((isIdentical) => isIdentical).length;
    narrator.say(`\n${identical} of ${recorded.length} rebuilt as the identical image`);
    narrator.compare('at least nine of ten are identical', true, identical >= recorded.length * 0.9);
    return narrator.conclude() && isProven;
  } finally {
    await processes.stopAll();
    if (!values.keep) await rm(work, { recursive: true, force: true });
  }
}

process.exitCode = (await main()) ? 0 : 1;
