import path from 'node:path';
import { counted, runCorpus, type FileResult } from './run.js';

/** Share of files that must be read exactly. */
const REQUIRED = 0.97;

/**
 * `npm run corpus -- [DIR] [--json]`: reads every file of a corpus and compares it with the expected result beside it.
 * Exit code 1 when too few files are exact or one result says more than its file.
 */
function main(words: readonly string[]): number {
  const asJson = words.includes('--json');
  const directory = path.resolve(words.find((word) => !word.startsWith('--')) ?? '../shared/corpus');
  const results = runCorpus(directory);
  if (results === null) {
    print(`SKIPPED: there is no corpus at ${directory}. NOTHING WAS CHECKED.`);
    return 0;
  }
  const judged = counted(results);
  const exact = judged.filter(({ outcome }) => outcome === 'ok').length;
  const share = judged.length === 0 ? 0 : exact / judged.length;
  if (asJson) print(JSON.stringify({ files: judged.length, exact, share, results }, null, 2));
  else report(results, judged.length, exact, share);
  return share >= REQUIRED && results.every(({ hasInvention }) => !hasInvention) ? 0 : 1;
}

function report(results: readonly FileResult[], files: number, exact: number, share: number): void {
  for (const { folder, file, outcome, detail } of results) {
    print(`${folder}/${file}: ${outcome}${detail === '' ? '' : `: ${detail}`}`);
  }
  for (const folder of new Set(counted(results).map((result) => result.folder))) {
    const own = results.filter((result) => result.folder === folder);
    print(`${folder}: ${own.filter(({ outcome }) => outcome === 'ok').length} of ${own.length} exact`);
  }
  const inventions = results.filter(({ hasInvention }) => hasInvention).length;
  print(`total: ${exact} of ${files} exact (${(share * 100).toFixed(1)} %), ${inventions} with something invented`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = main(process.argv.slice(2));
