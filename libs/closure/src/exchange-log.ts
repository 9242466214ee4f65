import type { Exchange } from '@envarium/schema';
import { addressKey, type Question, questionKey, VARYING, type VaryingHeader } from './exchange-key.js';

export interface Answer {
  readonly status: number;
  /** As kept by `keptHeaders`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly digest: string | null;
  readonly size: number;
}

interface Observation {
  /** When it was asked: answers may end in another order. */
  readonly order: number;
  readonly question: Question;
  readonly answer: Answer;
  readonly varies: readonly VaryingHeader[];
}

/**
 * What was asked and answered during one build. The same question asked again is kept once, with the last answer; headers
 * of a question are kept only where the answer depends on them, so that another version of a program asks the same.
 */
export class ExchangeLog {
  private readonly observations = new Map<string, Observation>();
  private asked = 0;

  /** Is called when a question comes. @returns its place among all, for `add` */
  ask(): number {
    return (this.asked += 1);
  }

  get size(): number {
    return this.observations.size;
  }

  /**
   * @param varies the headers that the server says its answer depends on
   * @returns whether the answer is another one than before
   */
  add(
    question: Question,
    answer: Answer,
    varies: readonly VaryingHeader[],
    order = this.ask(),
  ): 'new' | 'same' | 'changed' {
    const key = questionKey(question);
    const before = this.observations.get(key);
    if (before !== undefined && isFailure(answer) && !isFailure(before.answer)) return 'same';
    const isOvertaken = before !== undefined && before.order > order && !isFailure(before.answer);
    if (!isOvertaken) this.observations.set(key, { order, question, answer, varies });
    if (before === undefined) return 'new';
    // A redirect to storage is signed anew each time, and a server that was ill and is well again is no other server.
    const isFickle = isRedirect(answer) || isFailure(before.answer);
    return isFickle || isSame(before.answer, answer) ? 'same' : 'changed';
  }

  /** In no particular order; see `encodeExchanges`. */
  exchanges(): Exchange[] {
    const groups = new Map<string, Observation[]>();
    for (const observation of this.observations.values()) {
      const key = addressKey(observation.question);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [observation]);
      else group.push(observation);
    }
    return [...groups.values()].flatMap((group) => {
      const relevant = relevantHeaders(group);
      const byKey = new Map(group.map((one) => [reducedKey(one, relevant), exchangeOf(one, relevant)]));
      return [...byKey.values()];
    });
  }
}

/** What the servers name in Vary; and when one address had two answers without that, what tells those apart. */
function relevantHeaders(group: readonly Observation[]): VaryingHeader[] {
  const relevant = new Set(group.flatMap(({ varies }) => varies));
  for (const name of VARYING) {
    if (isAmbiguous(group, [...relevant])) relevant.add(name);
  }
  return VARYING.filter((name) => relevant.has(name));
}

function isAmbiguous(group: readonly Observation[], relevant: readonly VaryingHeader[]): boolean {
  const seen = new Map<string, Answer>();
  return group.some((observation) => {
    const key = reducedKey(observation, relevant);
    const before = seen.get(key);
    seen.set(key, observation.answer);
    return before !== undefined && !isSame(before, observation.answer);
  });
}

function reducedKey({ question }: Observation, relevant: readonly VaryingHeader[]): string {
  return questionKey({ ...question, request: only(question.request, relevant) });
}

function exchangeOf({ question, answer }: Observation, relevant: readonly VaryingHeader[]): Exchange {
  const { method, url, requestDigest } = question;
  return {
    method,
    url,
    request: only(question.request, relevant),
    requestDigest,
    ...answer,
    headers: { ...answer.headers },
  };
}

function only(request: Question['request'], names: readonly VaryingHeader[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => (request[name] === undefined ? [] : [[name, request[name]]])),
  );
}

function isSame(a: Answer, b: Answer): boolean {
  return a.status === b.status && a.digest === b.digest;
}

function isFailure({ status }: Answer): boolean {
  return status >= 500 || status === 429;
}

function isRedirect({ status }: Answer): boolean {
  return status >= 300 && status < 400;
}
