import { createHash } from 'node:crypto';

/** Lists of keys make a statement for every length; only so many are worth the memory that each connection keeps for them. */
const MOST_STATEMENTS = 500;

/**
 * Names for the statements of a process, so that PostgreSQL prepares each once per connection: planning our joins takes
 * longer than running them. Statements beyond the first `limit` stay nameless and are planned every time.
 * https://www.postgresql.org/docs/current/sql-prepare.html
 */
export function statementNames(limit = MOST_STATEMENTS): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // The empty name is the statement that is parsed and planned each time.
    if (names.size >= limit) return '';
    const name = `envarium_${createHash('sha256').update(sql).digest('hex').slice(0, 24)}`;
    names.set(sql, name);
    return name;
  };
}
