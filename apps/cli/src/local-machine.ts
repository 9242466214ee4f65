import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { localFingerprint, mergeFingerprints, readHardwareReport } from '@envarium/hardware';
import { HardwareFingerprint } from '@envarium/schema';
import { z } from 'zod';
import { usageError } from './failure.js';

const NodeReport = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) });

/** What this machine is, as far as that is known without running anything. */
export async function readLocalMachine(): Promise<HardwareFingerprint> {
  const known = localFingerprint({
    arch: os.arch(),
    cpus: os.cpus(),
    totalmem: os.totalmem(),
    release: os.release(),
    type: os.type(),
    glibc: glibcVersion(),
  });
  // Only Linux has it, and only it tells the flags that decide the ISA level.
  const bytes = await readFile('/proc/cpuinfo').catch(() => null);
  if (bytes === null) return known;
  const report = readHardwareReport(bytes, 'cpuinfo');
  return report.outcome === 'understood' ? mergeFingerprints([report.fingerprint, known]) : known;
}

/** The reports of another machine, or fingerprints of it, as one. @throws CommandFailed for a file that is neither */
export async function readMachineFiles(files: readonly string[]): Promise<HardwareFingerprint> {
  const fingerprints = await Promise.all(files.map(readMachineFile));
  const [only, another] = fingerprints;
  return only !== undefined && another === undefined ? only : mergeFingerprints(fingerprints);
}

async function readMachineFile(file: string): Promise<HardwareFingerprint> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) throw usageError(`${file} cannot be read`, 'Name a report of lscpu, nvidia-smi -q, ...');
  const report = readHardwareReport(bytes, file);
  if (report.outcome === 'understood') return report.fingerprint;
  const fingerprint = HardwareFingerprint.safeParse(jsonOf(bytes));
  if (fingerprint.success) return fingerprint.data;
  const line = report.line === null ? '' : `, line ${report.line}`;
  throw usageError(
    `${file} is not understood: ${report.message}${line}`,
    'Take it with `lscpu --json`, `cat /proc/cpuinfo` or `nvidia-smi -q`, or use the hardware fingerprint of a record.',
  );
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return null;
  }
}

/** Network interfaces would be asked for their names, and are of no use here. */
function glibcVersion(): string | null {
  if ('excludeNetwork' in process.report) process.report.excludeNetwork = true;
  const report = NodeReport.safeParse(process.report.getReport());
  return report.success ? (report.data.header.glibcVersionRuntime ?? null) : null;
}
