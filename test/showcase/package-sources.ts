import { lookup } from 'node:dns/promises';
import type { Processes } from '../demo/processes.js';

/**
 * Package sources that this machine reaches at an address which is not public have to be permitted. What npm is set to
 * stands for all of them.
 * @returns for ENVARIUM_OUTBOUND_ALLOW
 */
export async function permittedSources(processes: Processes, directory: string): Promise<string> {
  const { stdout } = await processes.run('npm', ['config', 'get', 'registry'], directory);
  const { address } = await lookup(new URL(stdout.trim()).hostname, { family: 4 });
  return `${address}/32`;
}
