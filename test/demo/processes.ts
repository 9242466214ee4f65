import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs that the demonstration runs, all of which end with it. */
export class Processes {
  private readonly running = new Set<ChildProcess>();

  constructor(
    private readonly root: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** Runs to its end. */
  async run(program: string, args: readonly string[], cwd: string): Promise<Ended> {
    const child = this.spawn(program, args, cwd);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, stdout, stderr };
  }

  /** One command of ours, as a person would give it. @returns the document it prints with --json */
  async envarium(args: readonly string[], cwd: string): Promise<unknown> {
    const { code, stdout, stderr } = await this.run(process.execPath, [this.program(), ...args, '--json'], cwd);
    if (code !== 0) throw new Error(`envarium ${args.join(' ')} ended with ${code}\n${stderr}`);
    return JSON.parse(stdout);
  }

  /** The service. @returns its first document, as soon as it is complete */
  async up(cwd: string): Promise<unknown> {
    const child = this.spawn(process.execPath, [this.program(), 'up', '--json'], cwd);
    let stdout = '';
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}\n${stderr}`)));
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        if (!stdout.endsWith('}\n')) return;
        const document: unknown = JSON.parse(stdout);
        if (typeof document === 'object' && document !== null && 'error' in document) reject(new Error(stderr));
        else resolve(document);
      });
    });
  }

  async stopAll(): Promise<void> {
    await Promise.all(
      [...this.running].map(async (child) => {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }),
    );
  }

  private program(): string {
    return path.join(this.root, 'dist/apps/cli/src/main.js');
  }

  /** With a channel: the service stops by itself should this process be killed. Detached: Ctrl-C is ours to pass on. */
  private spawn(program: string, args: readonly string[], cwd: string): ChildProcess {
    const child = spawn(program, [...args], {
      cwd,
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    child.once('error', () => this.running.delete(child));
    return child;
  }
}
