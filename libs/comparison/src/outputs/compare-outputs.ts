import type { OutputComparison, OutputTolerance } from '@envarium/schema';
import { compareJson } from './compare-json.js';
import { comparePictures } from './compare-pictures.js';
import { compareTables } from './compare-tables.js';
import { compareText } from './compare-text.js';
import { type Finding, Unreadable } from './finding.js';
import { isPng } from './read-png.js';

/** A larger file is compared by its digest alone. */
export const MAX_COMPARED_SIZE = 64 * 1024 * 1024;

export interface OutputFile {
  readonly digest: string;
  /** null: not at hand, or too large to look into. */
  readonly bytes: Uint8Array | null;
}

export interface NamedOutputFile extends OutputFile {
  readonly name: string;
}

interface OutputPair {
  readonly name: string;
  readonly expected: OutputFile;
  readonly actual: OutputFile;
}

/** All outputs of a run: what was expected, in its order, then what nobody expected. */
export function compareOutputs(
  expected: readonly NamedOutputFile[],
  actual: readonly NamedOutputFile[],
  tolerance: OutputTolerance,
): OutputComparison[] {
  const made = new Map(actual.map((file) => [file.name, file]));
  const known = new Set(expected.map(({ name }) => name));
  return [
    ...expected.map((file): OutputComparison => {
      const found = made.get(file.name);
      if (found !== undefined) return compareOutput({ name: file.name, expected: file, actual: found }, tolerance);
      const detail = 'the run did not make this file';
      return { name: file.name, verdict: 'missing', how: 'none', expected: file.digest, actual: null, detail };
    }),
    ...actual
      .filter(({ name }) => !known.has(name))
      .map(({ name, digest }): OutputComparison => {
        const detail = 'the run made a file that is not among the recorded outputs';
        return { name, verdict: 'unexpected', how: 'none', expected: null, actual: digest, detail };
      }),
  ];
}

/** One output: by digest, and where that differs, by what the file says. */
export function compareOutput({ name, expected, actual }: OutputPair, tolerance: OutputTolerance): OutputComparison {
  const digests = { name, expected: expected.digest, actual: actual.digest };
  if (expected.digest === actual.digest) {
    return { ...digests, verdict: 'identical', how: 'digest', detail: 'the same bytes' };
  }
  const { how, isWithin, detail } = lookInto(name, expected.bytes, actual.bytes, tolerance);
  return { ...digests, verdict: isWithin ? 'within-tolerance' : 'different', how, detail };
}

function lookInto(
  name: string,
  before: Uint8Array | null,
  after: Uint8Array | null,
  tolerance: OutputTolerance,
): Finding {
  if (before === null || after === null) return byDigest('the bytes are not at hand');
  if (before.length > MAX_COMPARED_SIZE || after.length > MAX_COMPARED_SIZE) {
    return byDigest(`${before.length} and ${after.length} bytes are more than is looked into`);
  }
  if (isPng(before) && isPng(after)) return orByDigest(() => comparePictures(before, after, tolerance));
  const [left, right] = [textOf(before), textOf(after)];
  if (left === null || right === null) return byDigest('of a kind that is not looked into');
  return compareTexts(name.toLowerCase(), left, right, tolerance);
}

function compareTexts(name: string, before: string, after: string, tolerance: OutputTolerance): Finding {
  const asText = (): Finding => compareText(before, after);
  if (/\.(?:csv|tsv|tab)$/.test(name)) return orElse(() => compareTables(before, after, tolerance), asText);
  const isJson = /\.(?:json|geojson|ipynb)$/.test(name) || /^\s*[[{]/.test(before);
  return isJson ? orElse(() => compareJson(before, after, tolerance), asText) : asText();
}

/** UTF-8 without the zero bytes that only other things have; null: not text. */
function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function byDigest(why: string): Finding {
  return { how: 'digest', isWithin: false, detail: `other bytes; ${why}` };
}

function orByDigest(compare: () => Finding): Finding {
  try {
    return compare();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return byDigest(error.message);
  }
}

function orElse(compare: () => Finding, simpler: () => Finding): Finding {
  try {
    return compare();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return simpler();
  }
}
