import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'vitest';
import { describeExecutor } from './executor.suite.js';
import { openExecutors } from './open-executors.js';
import { compiledDirectory } from './programs.js';

// The program around a job is a process of its own, and so has to be compiled.
const isBuilt = existsSync(path.join(compiledDirectory(), 'cell/main.js'));
// docker refuses much of what the suite asks for: it has tests of its own.
const executors = (await openExecutors({ scratch: tmpdir() })).filter(({ id }) => id !== 'docker');
for (const executor of executors) {
  const { isUsable, reason } = isBuilt ? await executor.probe() : { isUsable: false, reason: 'npm run build' };
  if (isUsable) describeExecutor(executor);
  else
    describe(`sandbox/${executor.id}`, () => {
      it(`SKIPPED: ${executor.id} cannot be used here: ${reason}`, ({ skip }) => skip());
    });
}
