import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE = path.resolve(import.meta.dirname, '../../docker/nginx.conf');
const START_MS = 10_000;
const ATTEMPTS = 3;

export interface NginxProcess {
  /** As in `127.0.0.1:41234`. */
  readonly host: string;
  stop(): Promise<void>;
}

/** The program, if it is installed. */
export function findNginx(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin'];
  return folders.map((folder) => path.join(folder, 'nginx')).find(isExecutable) ?? null;
}

/** nginx with the configuration that we ship, on a free port, in front of `upstream` and of the blobs in `directory`. */
export async function startNginx(binary: string, upstream: string, directory: string): Promise<NginxProcess> {
  // Between the search for a port and its use another process may take it.
  for (let attempt = 1; ; attempt += 1) {
    const nginx = await tryNginx(binary, upstream, directory);
    if (nginx !== null) return nginx;
    if (attempt === ATTEMPTS) throw new Error('nginx does not answer');
  }
}

async function tryNginx(binary: string, upstream: string, directory: string): Promise<NginxProcess | null> {
  const home = await mkdtemp(path.join(tmpdir(), 'envarium-nginx-'));
  const host = `127.0.0.1:${await freePort()}`;
  const sample = await readFile(SAMPLE, 'utf8');
  const site = replaceEach(sample, {
    'server 127.0.0.1:5080;': `server ${upstream};`,
    'listen 8080;': `listen ${host};`,
    'alias /var/lib/envarium/store/blobs/;': `alias ${directory}/blobs/;`,
  });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${home};`);
  const lines = [
    // Its workers would give up the rights of root, and test directories are for their owner alone.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `pid ${home}/pid;`,
    'daemon off;',
    'events {}',
    `http { access_log off; ${temporary.join(' ')} ${site} }`,
  ];
  const file = path.join(home, 'nginx.conf');
  await writeFile(file, lines.join('\n'));
  const nginx = spawn(binary, ['-p', home, '-e', path.join(home, 'error.log'), '-c', file], { stdio: 'inherit' });
  const ended = once(nginx, 'exit');
  const stop = async (): Promise<void> => {
    nginx.kill();
    await ended;
    await rm(home, { recursive: true });
  };
  const deadline = Date.now() + START_MS;
  while (nginx.exitCode === null && Date.now() < deadline) {
    if ((await fetch(`http://${host}/healthz`).catch(() => null))?.ok === true) return { host, stop };
    await sleep(50);
  }
  await stop();
  return null;
}

/** Each text must be there: else the test would run another configuration than it thinks. */
function replaceEach(text: string, replacements: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [from, to] of Object.entries(replacements)) {
    if (!result.includes(from)) throw new Error(`docker/nginx.conf has no "${from}"`);
    result = result.replace(from, to);
  }
  return result;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
