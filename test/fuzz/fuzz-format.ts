import { fuzzCase } from './cases.js';
import type { Reader } from './readers.js';
import type { Sample } from './samples.js';
import type { Finding, WatchedProcess } from './watched-process.js';

export interface FuzzOptions {
  readonly seed: number;
  readonly milliseconds: number;
  /** files of all formats: none may break the reader, and those it takes are damaged */
  readonly corpus: readonly Sample[];
  readonly fixtures: readonly Sample[];
}

export interface FuzzResult {
  readonly format: string;
  readonly samples: number;
  readonly cases: number;
  readonly understood: number;
  readonly refused: number;
  readonly slowest: number;
  readonly megabytes: number;
  readonly findings: readonly (Finding & { readonly index: number | string; readonly bytes: Uint8Array })[];
}

/** More findings of one format say nothing new. */
const MOST_FINDINGS = 5;

/** First the files as they are, then damaged ones until the time is over. */
export async function fuzzFormat(
  { id }: Pick<Reader, 'id'>,
  watched: WatchedProcess,
  options: FuzzOptions,
): Promise<FuzzResult> {
  const findings: FuzzResult['findings'][number][] = [];
  let [cases, understood, refused, slowest, megabytes] = [0, 0, 0, 0, 0];

  async function isTaken({ path, bytes }: Sample, index: number | string): Promise<boolean> {
    const { answer, finding } = await watched.run({ format: id, path, bytes });
    cases += 1;
    if (finding !== null) findings.push({ ...finding, index, bytes });
    if (answer?.reading === 'understood') understood += 1;
    if (answer?.reading === 'refused') refused += 1;
    slowest = Math.max(slowest, answer?.milliseconds ?? 0);
    megabytes = Math.max(megabytes, answer?.megabytes ?? 0);
    return answer !== null && answer.reading !== null && answer.reading !== 'none';
  }

  const samples: Sample[] = [];
  for (const fixture of options.fixtures) {
    await isTaken(fixture, fixture.path);
    samples.push(fixture);
  }
  for (const file of options.corpus) if (await isTaken(file, file.path)) samples.push(file);
  const end = performance.now() + options.milliseconds;
  for (let index = 0; performance.now() < end && findings.length < MOST_FINDINGS; index += 1) {
    await isTaken(fuzzCase(options.seed, index, samples), index);
  }
  return { format: id, samples: samples.length, cases, understood, refused, slowest, megabytes, findings };
}
