import { readFile } from 'node:fs/promises';
import { redactCpuinfo, redactNvidiaSmi } from './redact-report.js';
import { runProgram, type ProgramOutcome } from './run-program.js';

export interface MachineReport {
  readonly name: string;
  /** What was asked, for people. */
  readonly source: string;
  readonly content: string;
}

export interface MissingReport {
  readonly source: string;
  readonly reason: string;
}

export interface MachineReports {
  readonly reports: readonly MachineReport[];
  readonly missing: readonly MissingReport[];
}

interface Probe {
  /** File name by which the formats know the report. */
  readonly name: string;
  readonly source: string;
  readonly take: () => Promise<ProgramOutcome>;
}

/** Abbreviated state, name, version, architecture. https://manpages.debian.org/dpkg-query.1 */
const DPKG_FORMAT = '${db:Status-Abbrev}\\t${binary:Package}\\t${Version}\\t${Architecture}\\n';

const PROBES: readonly Probe[] = [
  { name: 'lscpu.txt', source: 'lscpu', take: () => runProgram('lscpu', []) },
  { name: 'lscpu.json', source: 'lscpu --json', take: () => runProgram('lscpu', ['--json']) },
  {
    name: 'cpuinfo.txt',
    source: '/proc/cpuinfo',
    take: async () => redacted(await readReport('/proc/cpuinfo'), redactCpuinfo),
  },
  {
    name: 'nvidia-smi.xml',
    source: 'nvidia-smi -q -x',
    take: async () => redacted(await runProgram('nvidia-smi', ['-q', '-x']), redactNvidiaSmi),
  },
  {
    name: 'dpkg-query.txt',
    source: 'dpkg-query -W',
    take: async () => redacted(await runProgram('dpkg-query', ['-W', `-f=${DPKG_FORMAT}`]), installedOnly),
  },
  { name: 'pip-requirements.txt', source: 'pip freeze', take: pipFreeze },
];

/** Asks this machine everything at once. What cannot be had is listed with its reason. */
export async function takeMachineReports(): Promise<MachineReports> {
  const reports: MachineReport[] = [];
  const missing: MissingReport[] = [];
  const outcomes = await Promise.all(PROBES.map(async (probe) => ({ ...probe, taken: await probe.take() })));
  for (const { name, source, taken } of outcomes) {
    if (taken.outcome === 'failed') missing.push({ source, reason: taken.reason });
    else if (taken.stdout.trim() === '') missing.push({ source, reason: 'says nothing' });
    else reports.push({ name, source, content: taken.stdout });
  }
  return { reports, missing };
}

function redacted(taken: ProgramOutcome, redact: (text: string) => string): ProgramOutcome {
  return taken.outcome === 'done' ? { outcome: 'done', stdout: redact(taken.stdout) } : taken;
}

/** Removed packages that left configuration behind are listed too; the second letter is the state. */
function installedOnly(listing: string): string {
  const installed = listing.split('\n').filter((line) => /^.i/.test(line));
  return installed.map((line) => `${line.slice(line.indexOf('\t') + 1)}\n`).join('');
}

/** The Python that `python` starts, which an activated environment puts first; many systems only have `python3`. */
async function pipFreeze(): Promise<ProgramOutcome> {
  const args = ['-m', 'pip', '--disable-pip-version-check', 'freeze', '--all'];
  const taken = await runProgram('python', args);
  return taken.outcome === 'done' ? taken : runProgram('python3', args);
}

/** /proc says that its files have no size, so they are read to their end. */
async function readReport(file: string): Promise<ProgramOutcome> {
  try {
    return { outcome: 'done', stdout: await readFile(file, 'utf8') };
  } catch {
    return { outcome: 'failed', reason: 'not readable on this system' };
  }
}
