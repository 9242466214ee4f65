import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@envarium/config';
import { openExecutors } from '@envarium/sandbox';
import type { CommandContext } from '../context.js';
import { fields } from '../text/table.js';

/** What the resolver on this machine, with the settings of this environment, could build and run with. */
export async function executors(context: CommandContext): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'envarium-executors-'));
  try {
    const found = [];
    const { kubernetes } = loadConfig().rebuild;
    for (const executor of await openExecutors({ scratch, kubernetes })) {
      const { limits, ...probe } = await executor.probe();
      found.push({ id: executor.id, ...probe, limits: [...limits] });
    }
    context.output.result(
      { executors: found },
      found.flatMap(({ id, isUsable, reason, isolation, limits, isNetworkOff, canPinClock, platforms, builder }) => [
        `${id}: ${isUsable ? 'works' : 'does not work here'}`,
        ...fields([
          ['why', reason],
          ['builder', isUsable ? `${builder.name} ${builder.version}, ${builder.runtime ?? 'no runtime'}` : null],
          ['platforms', isUsable ? platforms.join(', ') : null],
          ['isolation', isUsable ? `${isolation}, network ${isNetworkOff ? 'off' : 'ON'}` : null],
          ['limits', isUsable ? limits.join(', ') : null],
          ['clock', isUsable ? (canPinClock ? 'can be pinned' : 'that of this machine: install faketime') : null],
        ]),
      ]),
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
