import type { SpecProblem } from '@envarium/schema';

const MOST = 1000;

/** The first problems of a file, and how many more there were: a foreign file could have one in each of a million lines. */
export class ProblemLog {
  readonly #kept: SpecProblem[] = [];
  #more = 0;

  add(problem: SpecProblem): void {
    if (this.#kept.length < MOST) this.#kept.push(problem);
    else this.#more += 1;
  }

  toProblems(): SpecProblem[] {
    if (this.#more === 0) return this.#kept;
    const message = `${this.#more} more problems are not listed.`;
    return [...this.#kept, { reason: 'limit-exceeded', message, line: null }];
  }
}
