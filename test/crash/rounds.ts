import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Acknowledged, work } from './author.js';
import { Installation, type Victim } from './installation.js';
import { inspect } from './inspector.js';

const VICTIMS: readonly Victim[] = ['server', 'everything', 'postgres', 'launcher'];
const AUTHORS = 3;

/**
 * Several authors push, deposit and publish while something is killed with -9 at a random moment; after the restart
 * everything acknowledged must be there, and nothing half-done may be visible.
 */
export async function tortureInstallation(rounds: number): Promise<boolean> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'envarium-crash-'));
  // As root PostgreSQL runs as somebody else, who must be able to get there; otherwise its cluster would lie elsewhere.
  await chmod(dataDir, 0o755);
  const installation = await Installation.create(dataDir);
  const acknowledged: Acknowledged = {
    blobs: new Map(),
    manifests: new Map(),
    versions: new Map(),
    attempts: new Map(),
  };
  const repositories = Array.from({ length: AUTHORS }, (_, i) => `crash/author-${i}`);
  const faults: string[] = [];
  let slowest = 0;

  try {
    await installation.start();
    for (let round = 1; round <= rounds && faults.length === 0; round++) {
      const victim = VICTIMS[round % VICTIMS.length] ?? 'server';
      let isKilled = false;
      const authors = repositories.map(async (repository) => {
        try {
          // Until the kill; the failure of the request that it hits is expected, an earlier one is not.
          for (;;) await work(installation.url, repository, acknowledged);
        } catch (error) {
          if (!isKilled) faults.push(`${repository}: a request failed before anything was killed: ${String(error)}`);
        }
      });
      const delay = Math.random() * 2500;
      await sleep(delay);
      isKilled = true;
      await installation.kill(victim);
      // Without a reference, or the last of these clocks would hold the process for a minute after its verdict.
      const ended = await Promise.race([Promise.all(authors), sleep(60_000, undefined, { ref: false })]);
      if (ended === undefined) throw new Error(`round ${round}: a request hangs after the death of ${victim}`);
      const seconds = await installation.start();
      slowest = Math.max(slowest, seconds);
      faults.push(...(await inspect(installation.url, repositories, acknowledged)));
      const counts = `${acknowledged.blobs.size} blobs, ${acknowledged.versions.size} versions acknowledged`;
      process.stdout.write(
        `round ${round}: killed ${victim} after ${delay.toFixed(0)} ms, back in ${seconds.toFixed(1)} s, ${counts}, ${faults.length} faults\n`,
      );
    }
  } finally {
    await installation.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  for (const fault of faults) process.stderr.write(`FAULT ${fault}\n`);
  process.stdout.write(`slowest recovery ${slowest.toFixed(1)} s\n`);
  process.stdout.write(
    `${faults.length === 0 ? 'PASS' : 'FAIL'}: ${rounds} crashes, ${acknowledged.versions.size} versions\n`,
  );
  return faults.length === 0;
}
