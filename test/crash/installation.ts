import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';

const root = path.resolve(import.meta.dirname, '../../..');
const START_LIMIT_MS = 60_000;

export const TOKEN = 'token-of-the-crash-test';
export type Victim = 'server' | 'resolver' | 'launcher' | 'postgres' | 'everything';

/** A whole installation in processes of its own, as `npm start` makes it, that can be killed and started again. */
export class Installation {
  private launcher: ChildProcess | null = null;

  private constructor(
    private readonly dataDir: string,
    private readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async create(dataDir: string, settings: Readonly<Record<string, string>> = {}): Promise<Installation> {
    return new Installation(dataDir, await freePort(), settings);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts what is not running, and waits until requests are served. Returns the seconds that it took. */
  async start(): Promise<number> {
    const from = performance.now();
    if (this.launcher === null || this.launcher.exitCode !== null || this.launcher.signalCode !== null) {
      this.launcher = spawn(process.execPath, [path.join(root, 'dist/apps/cli/src/main.js'), 'up', '--quiet'], {
        env: {
          ...process.env,
          ENVARIUM_DATA_DIR: this.dataDir,
          ENVARIUM_PORT: String(this.port),
          ENVARIUM_ADMIN_TOKEN: TOKEN,
          ENVARIUM_LOG_LEVEL: 'error',
          ...this.settings,
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
    }
    while (performance.now() - from < START_LIMIT_MS) {
      if (await this.isReady()) return (performance.now() - from) / 1000;
      await sleep(50);
    }
    throw new Error(`not ready after ${START_LIMIT_MS / 1000} s`);
  }

  /** kill -9, without a chance to tidy up. */
  async kill(victim: Victim): Promise<void> {
    const postmaster = victim === 'postgres' ? this.postmaster() : null;
    const sessions = postmaster === null ? [] : childrenOf(postmaster);
    for (const pid of this.pidsOf(victim)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It had ended by itself.
      }
    }
    if (victim === 'launcher' || victim === 'everything') await this.waitForExit();
    // They end by themselves, but until then one of them can still answer, and the database seem to be there.
    const from = performance.now();
    const isAnswering = (): boolean => sessions.some((pid) => commandOf(pid).includes('postgres'));
    while (isAnswering() && performance.now() - from < START_LIMIT_MS) await sleep(20);
  }

  async stop(): Promise<void> {
    this.launcher?.kill('SIGTERM');
    await this.waitForExit();
  }

  private pidsOf(victim: Victim): number[] {
    const launcher = this.launcher?.pid;
    if (launcher === undefined) return [];
    const children = childrenOf(launcher);
    const postmaster = this.postmaster();
    switch (victim) {
      case 'launcher':
        return [launcher];
      case 'server':
        return children.filter((pid) => commandOf(pid).includes('apps/server'));
      case 'resolver':
        return children.filter((pid) => commandOf(pid).includes('apps/resolver'));
      case 'postgres':
        return postmaster === null ? [] : [postmaster];
      case 'everything':
        return [launcher, ...children, ...(postmaster === null ? [] : [postmaster, ...childrenOf(postmaster)])];
    }
  }

  private postmaster(): number | null {
    for (const pid of readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)) {
      const command = commandOf(pid);
      if (command.includes('postgres') && command.includes('-D') && command.includes(this.dataDir)) return pid;
    }
    return null;
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) })).ok;
    } catch {
      return false;
    }
  }

  private async waitForExit(): Promise<void> {
    const { launcher } = this;
    while (launcher !== null && launcher.exitCode === null && launcher.signalCode === null) await sleep(20);
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
