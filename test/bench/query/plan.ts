import { ANONYMOUS } from '@envarium/access';
import { ArticlesService } from '@envarium/articles';
import { parseConfig } from '@envarium/config';
import type { WhatRanQuery } from '@envarium/schema';
import pg from 'pg';
import { createContext } from '../../../apps/resolver/src/create-context.js';

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** Asks once in this process, and explains the statement that took the database longest. */
export async function slowestPlan(databaseUrl: string, dataDir: string, query: WhatRanQuery): Promise<string> {
  const statements = await statementsOf(databaseUrl, dataDir, query);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    let slowest = { milliseconds: -1, plan: 'no statement was seen' };
    for (const { text, values } of statements) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      const milliseconds = Number(/Execution Time: (?<ms>[\d.]+)/.exec(plan)?.groups?.['ms'] ?? 0);
      if (milliseconds > slowest.milliseconds) slowest = { milliseconds, plan: `${text}\n\n${plan}` };
    }
    return `${statements.length} statements; the slowest:\n${slowest.plan}`;
  } finally {
    await client.end();
  }
}

async function statementsOf(databaseUrl: string, dataDir: string, query: WhatRanQuery): Promise<Statement[]> {
  const seen: Statement[] = [];
  const { context } = await createContext(parseConfig({ DATABASE_URL: databaseUrl, ENVARIUM_DATA_DIR: dataDir }));
  const original = Reflect.get(pg.Client.prototype, 'query') as (this: pg.Client, ...parameters: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...parameters: unknown[]): unknown {
    const [config, values] = parameters as [string | Statement, unknown[] | undefined];
    const text = typeof config === 'string' ? config : config.text;
    if (/^\s*(SELECT|WITH)\b/i.test(text))
      seen.push({ text, values: (typeof config === 'string' ? values : config.values) ?? [] });
    return original.apply(this, parameters);
  } as typeof pg.Client.prototype.query;
  try {
    await context.get(ArticlesService, { strict: false }).whatRan(ANONYMOUS, query, 50, null);
  } finally {
    Object.assign(pg.Client.prototype, { query: original });
    await context.close();
  }
  return seen;
}
