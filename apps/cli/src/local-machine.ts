import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { localFingerprint, mergeFingerprints, readHardwareReport } from '@envarium/hardware';
import type { HardwareFingerprint } from '@envarium/schema';

/** What this machine is, as far as that is known without running anything. */
export async function readLocalMachine(): Promise<HardwareFingerprint> {
  const known = localFingerprint({ arch: os.arch(), cpus: os.cpus(), totalmem: os.totalmem(), release: os.release() });
  // Only Linux has it, and only it tells the flags that decide the ISA level.
  const bytes = await readFile('/proc/cpuinfo').catch(() => null);
  if (bytes === null) return known;
  const report = readHardwareReport(bytes, 'cpuinfo');
  return report.outcome === 'understood' ? mergeFingerprints([report.fingerprint, known]) : known;
}
