import type { SpecProblem } from '@envarium/schema';
import { z } from 'zod';
import { scanJson } from './json-scan.js';
import { ProblemLog } from './problem-log.js';

/** An object as JSON.parse gives it. z.record would drop a member called `__proto__`. */
export const JsonObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

export interface JsonEvidence {
  /** 1-based line of the member reached by these keys; null when it is not located */
  readonly lineOf: (...keys: readonly (string | number)[]) => number | null;
  /** members that stand twice in one object: JSON.parse keeps the last in silence */
  readonly problems: readonly SpecProblem[];
}

/**
 * Where the members of a valid JSON text stand.
 * @param depth how many levels of members are located
 */
export function jsonEvidence(text: string, depth: number): JsonEvidence {
  const problems = new ProblemLog();
  let repeated: string | null = null;
  const scan = scanJson(text, depth, (pointer, line) => {
    // The members of an object that stands twice mostly stand twice too.
    if (repeated !== null && pointer.startsWith(`${repeated}/`)) return;
    repeated = pointer;
    problems.add({ reason: 'duplicate-entry', message: `${pointer} stands twice; the last one is read.`, line });
  });
  const lines = 'kind' in scan ? new Map<string, number>() : scan;
  return {
    lineOf: (...keys) => lines.get(keys.map((key) => `/${escapePointer(String(key))}`).join('')) ?? null,
    problems: problems.toProblems(),
  };
}

/** RFC 6901, section 3. */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
