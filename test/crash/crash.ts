import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { torturePushes } from './pushes.js';
import { tortureInstallation } from './rounds.js';
import { storeKind } from './store-kind.js';

/*
 * npm run test:crash -- --rounds 30                 a whole installation, anything of it dies
 * npm run test:crash -- --pushes 200 [--store s3]   the server dies in each push
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    pushes: { type: 'string' },
    store: { type: 'string', default: 'filesystem' },
  },
});

const isPassed =
  values.pushes === undefined
    ? await tortureInstallation(Number(values.rounds))
    : await torturePushes(Number(values.pushes), storeKind(values.store));
process.exitCode = isPassed ? 0 : 1;
