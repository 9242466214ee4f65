import type { Exchange } from '@envarium/schema';
import { addressKey, type Question, VARYING } from './exchange-key.js';

/** The recorded answer to a question. */
export class Answers {
  private readonly byAddress = new Map<string, Exchange[]>();

  constructor(exchanges: readonly Exchange[]) {
    for (const exchange of exchanges) {
      const key = addressKey(exchange);
      const known = this.byAddress.get(key);
      if (known === undefined) this.byAddress.set(key, [exchange]);
      else known.push(exchange);
    }
  }

  /**
   * Addresses are compared exactly, query and all. Of several answers of one address that is taken whose recorded headers
   * are those of the question; where there is only one answer it is taken whatever the headers are, since a newer kernel
   * in a user agent makes no other package. HEAD is answered from a GET too.
   */
  find(question: Question): Exchange | null {
    const candidates = this.byAddress.get(addressKey(question)) ?? [];
    const matching = candidates.filter(({ request }) =>
      VARYING.every((name) => request[name] === undefined || request[name] === question.request[name]),
    );
    // The one that says most about the question, where one says nothing.
    const [best] = matching.toSorted((a, b) => Object.keys(b.request).length - Object.keys(a.request).length);
    const found = best ?? (candidates.length === 1 ? candidates[0] : undefined);
    if (found !== undefined) return found;
    return question.method === 'HEAD' ? this.find({ ...question, method: 'GET' }) : null;
  }
}
