import { describe, expect, it } from 'vitest';
import { statementNames } from './statement-names.js';

describe('database/statement-names', () => {
  it('gives a statement the same name in every process, for poolers that share connections', () => {
    const [one, other] = [statementNames(), statementNames()];

    const names = [one({ sql: 'SELECT 1' }), one({ sql: 'SELECT 2' }), one({ sql: 'SELECT 1' })];

    expect(names[0]).toBe('envarium_e004ebd5b5532a4b85984a62');
    expect(names[1]).not.toBe(names[0]);
    expect(names[2]).toBe(names[0]);
    expect(other({ sql: 'SELECT 1' })).toBe(names[0]);
  });

  it('names no more statements than the limit, and goes on with those it has', () => {
    const nameOf = statementNames(2);

    const names = ['SELECT 1', 'SELECT 2', 'SELECT 3', 'SELECT 2'].map((sql) => nameOf({ sql }));

    expect(names.map((name) => name !== '')).toEqual([true, true, false, true]);
  });
});
