import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peakMemoryOfTree } from './process-memory.js';
import { stopProcess } from './program.js';

const START_LIMIT_MS = 60_000;

export interface RegistryServer {
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that each of its processes held at most; null when they are not ours to look at. */
  peakMemory(): number[] | null;
  stop(): Promise<void>;
}

/** The server named by the environment; null when there is none. */
export function givenEnvarium(): RegistryServer | null {
  const { ENVARIUM_URL: url, ENVARIUM_TOKEN: token } = process.env;
  if (url === undefined || token === undefined) return null;
  return {
    name: 'Envarium',
    url: url.replace(/\/+$/, ''),
    headers: { Authorization: `Bearer ${token}` },
    peakMemory: () => null,
    stop: async () => {},
  };
}

export async function startEnvarium(directory: string): Promise<RegistryServer> {
  const port = await freePort();
  const token = `env_${randomBytes(32).toString('base64url')}`;
  const main = path.resolve(import.meta.dirname, '../../apps/cli/src/main.js');
  const child = spawn(process.execPath, [main, 'up'], {
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
  return await started({ name: 'Envarium', port, headers, child, memoryOf: 'node' });
}

/** Debian's package, with its filesystem driver and otherwise as it comes. */
export async function startDockerRegistry(directory: string): Promise<RegistryServer> {
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
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  return await started({ name: 'docker-registry', port, headers: {}, child, memoryOf: 'docker-registry' });
}

async function started(server: {
  name: string;
  port: number;
  headers: Record<string, string>;
  child: ChildProcess;
  memoryOf: string;
}): Promise<RegistryServer> {
  const { name, port, headers, child, memoryOf } = server;
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
    peakMemory: () => (child.pid === undefined ? null : peakMemoryOfTree(child.pid, memoryOf)),
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

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
