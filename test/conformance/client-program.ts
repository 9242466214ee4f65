import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { OciClient } from '../e2e/oci-client.js';
import { startRegistry, type TestRegistry } from '../e2e/oci-harness.js';

const run = promisify(execFile);

/** A registry, an account that may push to `lab/`, and a directory for what the client keeps. */
export interface ClientSetting {
  readonly registry: TestRegistry;
  readonly lab: OciClient;
  readonly name: string;
  readonly secret: string;
  readonly directory: string;
  /** Runs the client; returns what it prints. Fails with what it complains about. */
  readonly run: (parameters: readonly string[], variables?: Readonly<Record<string, string>>) => Promise<string>;
}

/**
 * Tests with an unmodified client. Where it is not installed they are reported as skipped, by name and with the way to
 * install it.
 */
export function describeClient(
  program: string,
  installation: string,
  tests: (setting: () => ClientSetting) => void,
): void {
  describe(`conformance/${program}`, () => {
    if (!isInstalled(program)) {
      it(`SKIPPED: ${program} is not installed; ${installation}`, ({ skip }) => skip());
      return;
    }
    let setting: ClientSetting;
    beforeAll(async () => {
      setting = await createSetting(program);
    });
    afterAll(async () => {
      await setting.registry.stop();
      await rm(setting.directory, { recursive: true, force: true });
    });
    tests(() => setting);
  });
}

/** One test with an unmodified client, skipped as `describeClient` does. */
export function itWithClient(program: string, installation: string, title: string, test: () => Promise<void>): void {
  if (isInstalled(program)) it(`${program} ${title}`, test);
  else it(`SKIPPED: ${program} is not installed; ${installation}`, ({ skip }) => skip());
}

/**
 * Runs a program in a directory of its own: nothing of the person who runs the tests, no logins, no settings, and nothing
 * left behind. Returns what it prints; fails with what it complains about.
 */
export async function runProgram(
  program: string,
  parameters: readonly string[],
  directory: string,
  variables?: Readonly<Record<string, string>>,
): Promise<string> {
  const environment = { PATH: process.env['PATH'], HOME: directory, DOCKER_CONFIG: directory, TMPDIR: directory };
  const options = { cwd: directory, env: { ...environment, ...variables }, maxBuffer: 16 << 20 };
  return (await run(program, parameters, options)).stdout.trim();
}

async function createSetting(program: string): Promise<ClientSetting> {
  const registry = await startRegistry();
  const lab = await registry.account('ana', 'depositor', 'lab');
  const directory = await mkdtemp(path.join(tmpdir(), `envarium-${program}-`));
  // With DOCKER_CONFIG set, podman and buildah insist that it is there.
  await writeFile(path.join(directory, 'config.json'), '{}');
  return {
    registry,
    lab,
    name: 'ana',
    secret: lab.credentials?.secret ?? '',
    directory,
    run: async (parameters, variables) => await runProgram(program, parameters, directory, variables),
  };
}

export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((directory) => {
    try {
      accessSync(path.join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
