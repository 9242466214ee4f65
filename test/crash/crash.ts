import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { torturePushes } from './pushes.js';
import { tortureRebuilds } from './rebuilds.js';
import { tortureInstallation } from './rounds.js';
import { storeKind } from './store-kind.js';

/*
 * npm run test:crash -- --rounds 30                 a whole installation, anything of it dies
 * npm run test:crash -- --pushes 200 [--store s3]   the server dies in each push
 * npm run test:crash -- --rebuilds 20               the resolver dies in each rehearsal, rebuild and re-run
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    pushes: { type: 'string' },
    rebuilds: { type: 'string' },
    store: { type: 'string', default: 'filesystem' },
  },
});

async function torture(): Promise<boolean> {
  if (values.rebuilds !== undefined) return await tortureRebuilds(Number(values.rebuilds));
  if (values.pushes !== undefined) return await torturePushes(Number(values.pushes), storeKind(values.store));
  return await tortureInstallation(Number(values.rounds));
}

process.exitCode = (await torture()) ? 0 : 1;
