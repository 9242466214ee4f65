import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzFormat, type FuzzResult } from './fuzz-format.js';
import { readers } from './readers.js';
import { corpusFiles, fixturesIn } from './samples.js';
import { WatchedProcess } from './watched-process.js';

/*
 * npm run fuzz -- [--format NAME] [--seconds 60] [--seed N] [--corpus DIR]
 *
 * Reads noise and damaged files, each format in a process of its own, and fails on a crash, an error that a reader must not
 * throw, an answer after more than a second of work and more than 256 MiB of memory. What failed lies in test-results/fuzz.
 */
const { values } = parseArgs({
  options: {
    format: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string', default: '../shared/corpus' },
  },
});
const BOUNDS = { milliseconds: 1000, megabytes: 256, patience: 20_000 };
const PROGRAM = path.join(import.meta.dirname, 'reader-process.js');

async function main(): Promise<number> {
  const chosen = readers.filter(({ id }) => values.format === undefined || values.format === id);
  if (chosen.length === 0) {
    print(`There is no format ${values.format ?? ''}: ${readers.map(({ id }) => id).join(', ')}.`);
    return 2;
  }
  const corpus = corpusFiles(path.resolve(values.corpus));
  if (corpus.length === 0) print(`There is no corpus at ${values.corpus}: only our own fixtures are damaged.`);
  let findings = 0;
  for (const reader of chosen) {
    const watched = new WatchedProcess(PROGRAM, BOUNDS);
    const result = await fuzzFormat(reader, watched, {
      seed: Number(values.seed),
      milliseconds: Number(values.seconds) * 1000,
      corpus,
      fixtures: fixturesIn(reader.folder),
    });
    watched.stop();
    report(result);
    findings += result.findings.length;
  }
  return findings === 0 ? 0 : 1;
}

function report(result: FuzzResult): void {
  const { format, cases, samples, understood, refused, slowest, megabytes, findings } = result;
  const counts = `${cases} cases from ${samples} samples, ${understood} understood, ${refused} refused`;
  print(`${format}: ${counts}, at most ${Math.round(slowest)} ms and ${Math.round(megabytes)} MiB`);
  for (const { kind, detail, index, bytes } of findings) {
    const file = path.resolve('test-results/fuzz', `${format}-${values.seed}-${index}`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    print(`  ${kind}: ${detail}\n  ${file}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
