import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, type Failure } from '../failure.js';
import {
  isReadyMessage,
  type PostgresProcess,
  type PreparationMessage,
  type ReadyMessage,
  type ServiceEnvironment,
} from './messages.js';
import { isPostgresRunning, signalPostgres, stopPostgres } from './postgres-process.js';
import { runPreparation } from './preparation.js';
import { Service } from './service.js';

export interface LauncherEvents {
  /** Something that takes a while, or went wrong and was mended. */
  readonly onStep: (text: string) => void;
  readonly onReady: (ready: ReadyMessage, dataDir: string) => void;
}

/**
 * Uploads come in large pieces; in a small young generation most of them would be copied into the old one. Beyond 16 MiB
 * nothing more was gained, and memory is kept that is never used again.
 */
const SERVER_FLAGS = ['--max-semi-space-size=16'];
/** The resolver waits most of its life: little memory matters more than speed. */
const RESOLVER_FLAGS = ['--max-semi-space-size=2', '--liftoff-only'];
/** Milliseconds between two looks at PostgreSQL. */
const POSTGRES_POLL = 500;

/** Everything that runs on this machine, started and stopped in order: PostgreSQL, server, resolver. */
export class Launcher {
  private lock: string | null = null;
  private dataDir = '';
  private postgres: PostgresProcess | null = null;
  private services: Service[] = [];
  private isAnnounced = false;
  private giveUp: (failure: Failure) => void = () => {};
  private readonly givenUp: Promise<Failure>;

  constructor(
    private readonly root: string,
    private readonly events: LauncherEvents,
  ) {
    this.givenUp = new Promise((resolve) => {
      this.giveUp = resolve;
    });
  }

  /**
   * Runs until `stopped` resolves, then stops everything.
   * @throws CommandFailed when something cannot be started, or cannot be kept running
   */
  async run(stopped: Promise<void>): Promise<void> {
    const stopping = stopped.then(() => 'stopped' as const);
    try {
      while ((await this.session(stopping)) === 'postgres died') {
        this.events.onStep('PostgreSQL died; starting everything again');
        await this.stopServices();
      }
    } finally {
      await this.stop();
    }
  }

  /** From a prepared database to its end: the port, and with it the environment of the services, is new each time. */
  private async session(stopping: Promise<'stopped'>): Promise<'stopped' | 'postgres died'> {
    const program = this.program('cli/src/up/prepare.js');
    const purpose = this.lock === null ? 'service' : 'service again';
    const environment = await runPreparation(program, purpose, (message) => this.note(message));
    const server = this.service('server', SERVER_FLAGS, environment, (message) => {
      if (isReadyMessage(message)) this.serverIsReady(server, message, environment);
    });
    // A request to stop that came during the preparation has been waiting until here.
    if ((await Promise.race([stopping, Promise.resolve('not yet')])) === 'stopped') return 'stopped';
    server.start();
    const isOver = new AbortController();
    try {
      const end = await Promise.race([stopping, this.givenUp, this.postgresDeath(isOver.signal)]);
      if (typeof end === 'string') return end;
      throw new CommandFailed(end);
    } finally {
      isOver.abort();
    }
  }

  /** Never resolves for a database that is not ours to keep running. */
  private async postgresDeath(isOver: AbortSignal): Promise<'postgres died'> {
    const { postgres } = this;
    while (!isOver.aborted) {
      await sleep(POSTGRES_POLL);
      if (postgres !== null && !(await isPostgresRunning(postgres))) return 'postgres died';
    }
    return await new Promise(() => {});
  }

  /** For the second Ctrl-C: nothing is waited for. PostgreSQL recovers when it is started next. */
  async kill(): Promise<void> {
    for (const service of this.services) service.kill();
    if (this.postgres !== null) await signalPostgres(this.postgres, 'SIGQUIT');
    if (this.lock !== null) rmSync(this.lock, { force: true });
  }

  private note(message: PreparationMessage): void {
    if (message.type === 'step') this.events.onStep(message.text);
    if (message.type === 'postgres') this.postgres = message.postgres;
    if (message.type === 'locked') {
      this.lock = message.lock;
      this.dataDir = message.dataDir;
    }
  }

  private serverIsReady(server: Service, ready: ReadyMessage, environment: ServiceEnvironment): void {
    if (server.hasStarted) return;
    server.hasStarted = true;
    const resolver = this.service('resolver', RESOLVER_FLAGS, environment);
    resolver.hasStarted = true;
    resolver.start();
    if (!this.isAnnounced) this.events.onReady(ready, this.dataDir);
    this.isAnnounced = true;
  }

  private service(
    name: 'server' | 'resolver',
    flags: readonly string[],
    environment: ServiceEnvironment,
    onMessage?: (message: unknown) => void,
  ): Service {
    const service = new Service({
      name,
      command: [...flags, this.program(`${name}/src/main.js`)],
      environment,
      onRestart: this.events.onStep,
      ...(onMessage !== undefined && { onMessage }),
    });
    this.services.push(service);
    void service.givenUp.then((failure) => this.giveUp(failure));
    return service;
  }

  private async stopServices(): Promise<void> {
    const { services } = this;
    this.services = [];
    await Promise.all(services.map((service) => service.stop()));
  }

  private async stop(): Promise<void> {
    await this.stopServices();
    if (this.postgres !== null) await stopPostgres(this.postgres);
    if (this.lock !== null) rmSync(this.lock, { force: true });
  }

  private program(inside: string): string {
    return path.join(this.root, 'dist/apps', inside);
  }
}
