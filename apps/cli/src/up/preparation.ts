import { spawn } from 'node:child_process';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import { isPreparationMessage, type PreparationMessage, type Purpose, type ServiceEnvironment } from './messages.js';

/**
 * Runs `prepare.js` and waits for its end, also when we are asked to stop: half of a database is harder to stop than one.
 * @returns the environment of the services
 */
export async function runPreparation(
  program: string,
  purpose: Purpose,
  onMessage: (message: PreparationMessage) => void,
): Promise<ServiceEnvironment> {
  const child = spawn(process.execPath, [program, String(process.pid), purpose], {
    stdio: ['ignore', 2, 2, 'ipc'],
    detached: true,
  });
  let environment: ServiceEnvironment | null = null;
  let failure: CommandFailed | null = null;
  child.on('message', (message: unknown) => {
    if (!isPreparationMessage(message)) return;
    if (message.type === 'prepared') environment = message.environment;
    if (message.type === 'failed') failure = new CommandFailed(message.failure);
    onMessage(message);
  });
  const exited = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  // The last messages may come in after the exit, but never after the channel is closed.
  const drained = new Promise((resolve) => child.once('disconnect', resolve));
  const how = await exited;
  await drained;
  if (failure !== null) throw failure;
  if (environment === null) throw diedUnexpectedly(how);
  return environment;
}

function diedUnexpectedly(how: string): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'SERVICE_FAILED',
    title: `the preparation of the database died (${how})`,
    remedy: 'Why, stands above.',
    detail: {},
  });
}
