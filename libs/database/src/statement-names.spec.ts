import { describe, expect, it } from 'vitest';
import { statementNames } from './statement-names.js';

describe('database/statement-names', () => {
  it('gives the same statement the same name, and others another', () => {
    const nameOf = statementNames();

    expect(nameOf({ sql: 'SELECT 1' })).toBe(nameOf({ sql: 'SELECT 1' }));
    expect(nameOf({ sql: 'SELECT 1' })).not.toBe(nameOf({ sql: 'SELECT 2' }));
    expect(nameOf({ sql: 'SELECT 1' })).toMatch(/^envarium_[0-9a-f]{24}$/);
  });

  it('leaves statements nameless after the first 500', () => {
    const nameOf = statementNames();
    for (let i = 0; i < 500; i++) nameOf({ sql: `SELECT ${i}` });

    expect(nameOf({ sql: 'SELECT 500' })).toBe('');
    expect(nameOf({ sql: 'SELECT 499' })).not.toBe('');
  });
});
