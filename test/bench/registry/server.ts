import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../crash/free-port.js';
import { peakMemoryOfTree, residentMemoryOfTree } from '../process-memory.js';
import { isInstalled, stopProcess } from '../program.js';

const START_LIMIT_MS = 60_000;
/** Where test/tools/install-registries.sh puts what it builds, when nobody says where. */
const TOOLS = process.env['ENVARIUM_TOOLS_DIR'] ?? '/opt/envarium-tools';

export const ENVARIUM = 'Envarium';
export type ServerName = typeof ENVARIUM | 'docker-registry' | 'distribution v3' | 'zot';

export interface RegistryServer {
  readonly name: ServerName;
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that each of its processes held at most, largest first; null when they are not ours to look at. */
  peakMemory(): number[] | null;
  /** The same for now. */
  memory(): number[] | null;
  stop(): Promise<void>;
}

/** A registry that can be measured. */
export interface Contestant {
  readonly name: ServerName;
  /** Why it cannot take part here; null when it can. */
  readonly absence: string | null;
  readonly start: (directory: string) => Promise<RegistryServer>;
}

export function contestants(): Contestant[] {
  const given = givenEnvarium();
  const built = 'test/tools/install-registries.sh builds it where it can be had';
  return [
    { name: ENVARIUM, absence: null, start: async (directory) => given ?? (await startEnvarium(directory)) },
    {
      name: 'docker-registry',
      absence: isInstalled('docker-registry') ? null : 'apt-get install docker-registry',
      start: async (directory) => await startDistribution('docker-registry', 'docker-registry', directory),
    },
    {
      name: 'distribution v3',
      absence: isInstalled('registry', TOOLS) ? null : built,
      start: async (directory) => await startDistribution('distribution v3', path.join(TOOLS, 'registry'), directory),
    },
    { name: 'zot', absence: isInstalled('zot', TOOLS) ? null : built, start: startZot },
  ];
}

/** The server named by the environment; null when there is none. */
function givenEnvarium(): RegistryServer | null {
  const { ENVARIUM_URL: url, ENVARIUM_TOKEN: token } = process.env;
  if (url === undefined || token === undefined) return null;
  return {
    name: ENVARIUM,
    url: url.replace(/\/+$/, ''),
    headers: { Authorization: `Bearer ${token}` },
    peakMemory: () => null,
    memory: () => null,
    stop: async () => {},
  };
}

async function startEnvarium(directory: string): Promise<RegistryServer> {
  const port = await freePort();
  const token = `env_${randomBytes(32).toString('base64url')}`;
  const main = path.resolve(import.meta.dirname, '../../../apps/cli/src/main.js');
  const child = spawn(process.execPath, [main, 'up', '--quiet'], {
    env: {
      ...process.env,
      ENVARIUM_DATA_DIR: directory,
      ENVARIUM_PORT: String(port),
      ENVARIUM_ADMIN_TOKEN: token,
      ENVARIUM_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const headers = { Authorization: `Bearer ${token}` };
  // Only its Node processes: the database beside them is not what carries the bytes.
  return await started({ name: ENVARIUM, port, headers, child, program: path.basename(process.execPath) });
}

/** With its filesystem driver and otherwise as it comes: Debian's 2.8.2, or a current build. */
async function startDistribution(name: ServerName, program: string, directory: string): Promise<RegistryServer> {
  const port = await freePort();
  await mkdir(directory, { recursive: true });
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: path.join(directory, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
  };
  // YAML reads JSON.
  const file = path.join(directory, 'config.yml');
  await writeFile(file, JSON.stringify(config));
  // Version 3 sends traces to a collector unless it is told not to.
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
  const child = spawn(program, ['serve', file], { stdio: ['ignore', 'ignore', 'inherit'], env });
  return await started({ name, port, headers: {}, child, program: path.basename(program) });
}

/** https://zotregistry.dev/latest/admin-guide/admin-configuration/ */
async function startZot(directory: string): Promise<RegistryServer> {
  const port = await freePort();
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, 'config.json');
  const config = {
    storage: { rootDirectory: path.join(directory, 'data'), gc: false },
    http: { address: '127.0.0.1', port: String(port) },
    log: { level: 'error' },
  };
  await writeFile(file, JSON.stringify(config));
  const child = spawn(path.join(TOOLS, 'zot'), ['serve', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  return await started({ name: 'zot', port, headers: {}, child, program: 'zot' });
}

async function started(server: {
  name: ServerName;
  port: number;
  headers: Record<string, string>;
  child: ChildProcess;
  program: string;
}): Promise<RegistryServer> {
  const { name, port, headers, child, program } = server;
  const url = `http://127.0.0.1:${port}`;
  try {
    await answering(`${url}/v2/`, headers, child);
  } catch (error) {
    await stopProcess(child);
    throw error;
  }
  return {
    name,
    url,
    headers,
    peakMemory: () => (child.pid === undefined ? null : peakMemoryOfTree(child.pid, program)),
    memory: () => (child.pid === undefined ? null : residentMemoryOfTree(child.pid, program)),
    stop: async () => await stopProcess(child),
  };
}

async function answering(url: string, headers: Record<string, string>, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url, { headers }).catch(() => null);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer`);
}
