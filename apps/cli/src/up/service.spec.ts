import { afterEach, describe, expect, it } from 'vitest';
import { Service } from './service.js';

let service: Service;

/** @param program for `node -e` */
function create(program: string, onMessage: (message: unknown) => void = () => {}): { restarts: string[] } {
  const restarts: string[] = [];
  service = new Service({
    name: 'server',
    command: ['-e', program],
    environment: {},
    onMessage,
    onRestart: (text) => restarts.push(text),
  });
  return { restarts };
}

describe('cli/up/service', () => {
  afterEach(async () => {
    await service.stop();
  });

  it('gives a process up that ends before it was ready', async () => {
    const { restarts } = create('process.exit(3)');

    service.start();

    expect(await service.givenUp).toMatchObject({ title: 'the server ended before it was ready (exit code 3)' });
    expect(restarts).toEqual([]);
  });

  it('starts a process again that died', async () => {
    const pids = new Set<unknown>();
    const isStartedTwice = new Promise<void>((resolve) => {
      create('process.send(process.pid); setTimeout(() => process.exit(), 50)', (pid) => {
        pids.add(pid);
        service.hasStarted = true;
        if (pids.size === 2) resolve();
      });
    });

    service.start();

    await isStartedTwice;
    expect(pids.size).toBe(2);
  });

  it('stops a process in good order, and does not start it again', async () => {
    const messages: unknown[] = [];
    const said = new Map<unknown, () => void>();
    const saying = async (message: string): Promise<void> => {
      await new Promise<void>((resolve) => (messages.includes(message) ? resolve() : said.set(message, resolve)));
    };
    const { restarts } = create(
      "process.on('SIGTERM', () => process.send('stopped', () => process.exit())); process.send('ready'); setInterval(() => {}, 1000)",
      (message) => {
        messages.push(message);
        said.get(message)?.();
      },
    );
    service.hasStarted = true;
    service.start();
    await saying('ready');

    await service.stop();

    await saying('stopped');
    expect(restarts).toEqual([]);
  });
});
