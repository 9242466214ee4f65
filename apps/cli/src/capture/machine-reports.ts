import { readFile } from 'node:fs/promises';
import { programEnvironment } from '@envarium/config';
import type { SeenContainer } from '@envarium/schema';
import { condaList } from './conda-list.js';
import { findContainer } from './container.js';
import {
  juliaManifest,
  juliaVersion,
  npmTree,
  numericRuntime,
  pipFreeze,
  rPackages,
  rSession,
} from './interpreters.js';
import { redactCpuinfo, redactNvidiaSmi } from './redact-report.js';
import { type Identity, redactText } from './redact-text.js';
import { runProgram, type ProgramOutcome } from './run-program.js';

export interface MachineReport {
  readonly name: string;
  /** What was asked, for people. */
  readonly source: string;
  readonly content: string;
  /** Places where something was taken out. */
  readonly redacted: number;
}

export interface MissingReport {
  readonly source: string;
  readonly reason: string;
}

export interface MachineReports {
  readonly reports: readonly MachineReport[];
  readonly missing: readonly MissingReport[];
  /** In which they were taken. */
  readonly container: SeenContainer | null;
}

interface Probe {
  /** File name by which the formats know the report. */
  readonly name: string;
  readonly source: string;
  readonly take: (directory: string) => Promise<ProgramOutcome>;
}

/** Abbreviated state, name, version, architecture. https://manpages.debian.org/dpkg-query.1 */
const DPKG_FORMAT = '${db:Status-Abbrev}\\t${binary:Package}\\t${Version}\\t${Architecture}\\n';
/** Name, epoch where there is one, version, release, architecture: the usual spelling of a package. */
const RPM_FORMAT = '%{NAME}-%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}.%{ARCH}\\n';

const PROBES: readonly Probe[] = [
  { name: 'lscpu.txt', source: 'lscpu', take: () => runProgram('lscpu', []) },
  { name: 'lscpu.json', source: 'lscpu --json', take: () => runProgram('lscpu', ['--json']) },
  {
    name: 'cpuinfo.txt',
    source: '/proc/cpuinfo',
    take: async () => changed(await readReport('/proc/cpuinfo'), redactCpuinfo),
  },
  {
    name: 'nvidia-smi.xml',
    source: 'nvidia-smi -q -x',
    take: async () => changed(await runProgram('nvidia-smi', ['-q', '-x']), redactNvidiaSmi),
  },
  { name: 'os-release', source: '/etc/os-release', take: () => readReport('/etc/os-release') },
  { name: 'uname.txt', source: 'uname -a', take: async () => changed(await runProgram('uname', ['-a']), withoutHost) },
  {
    name: 'dpkg-query.txt',
    source: 'dpkg-query -W',
    take: async () => changed(await runProgram('dpkg-query', ['-W', `-f=${DPKG_FORMAT}`]), installedOnly),
  },
  { name: 'rpm-qa.txt', source: 'rpm -qa', take: () => runProgram('rpm', ['-qa', '--qf', RPM_FORMAT]) },
  { name: 'pip-requirements.txt', source: 'pip freeze', take: pipFreeze },
  { name: 'conda-explicit.txt', source: 'conda', take: condaList },
  { name: 'sessionInfo.txt', source: 'R sessionInfo()', take: rSession },
  { name: 'session-info.txt', source: 'R installed.packages()', take: rPackages },
  { name: 'Manifest.toml', source: 'julia: manifest of the active project', take: juliaManifest },
  { name: 'julia-versioninfo.txt', source: 'julia versioninfo()', take: juliaVersion },
  { name: '.package-lock.json', source: 'npm: node_modules', take: npmTree },
  { name: 'numeric-runtime.json', source: 'numpy and what it has loaded', take: numericRuntime },
  { name: 'env.txt', source: 'variables that change numbers', take: numericVariables },
];

/** Asks this machine everything at once. What cannot be had is listed with its reason. */
export async function takeMachineReports(
  directory: string,
  identity: Identity,
  container: Promise<SeenContainer | null> = findContainer(),
): Promise<MachineReports> {
  const reports: MachineReport[] = [];
  const missing: MissingReport[] = [];
  const outcomes = await Promise.all(PROBES.map(async (probe) => ({ ...probe, taken: await probe.take(directory) })));
  for (const { name, source, taken } of outcomes) {
    if (taken.outcome === 'failed') missing.push({ source, reason: taken.reason });
    else if (taken.stdout.trim() === '') missing.push({ source, reason: 'says nothing' });
    else {
      const { text, count } = redactText(taken.stdout, identity);
      reports.push({ name, source, content: text, redacted: count });
    }
  }
  const found = await container;
  if (reports.length > 0) reports.push(contextReport(found, reports, identity));
  return { reports, missing, container: found };
}

/** What of these belongs together, so that whoever reads them knows what was seen within what. */
function contextReport(
  container: SeenContainer | null,
  reports: readonly MachineReport[],
  identity: Identity,
): MachineReport {
  const image = redactText(container?.image ?? '', identity);
  const document = {
    schema: 'envarium-capture-context/1',
    container: container === null ? null : { ...container, image: image.text === '' ? null : image.text },
    reports: reports.map(({ name }) => name).toSorted(),
  };
  const content = `${JSON.stringify(document, null, 1)}\n`;
  return { name: 'capture-context.json', source: 'where the reports were taken', content, redacted: image.count };
}

function changed(taken: ProgramOutcome, change: (text: string) => string): ProgramOutcome {
  return taken.outcome === 'done' ? { outcome: 'done', stdout: change(taken.stdout) } : taken;
}

/** Removed packages that left configuration behind are listed too; the second letter is the state. */
function installedOnly(listing: string): string {
  const installed = listing.split('\n').filter((line) => /^.i/.test(line));
  return installed.map((line) => `${line.slice(line.indexOf('\t') + 1)}\n`).join('');
}

/** The second word is the name of the machine. */
function withoutHost(line: string): string {
  return line.replace(/^(\S+) \S+/, '$1 localhost');
}

/** Only these: others may hold secrets, and say nothing of the result. */
const NUMERIC_VARIABLE =
  /^(?:(?:OMP|GOMP|KMP|MKL|OPENBLAS|GOTO|BLIS|VECLIB|NUMEXPR|NUMBA|NPY|CUBLAS|CUDNN|TORCH|XLA|JULIA)_[A-Z0-9_]+|TF_(?:DETERMINISTIC|CUDNN|ENABLE|FORCE|GPU|NUM|XLA)_[A-Z0-9_]+|CUDA_(?:VISIBLE_DEVICES|LAUNCH_BLOCKING|MODULE_LOADING)|NVIDIA_TF32_OVERRIDE|PYTHONHASHSEED|SOURCE_DATE_EPOCH|TZ|LANG|LC_[A-Z]+|GLIBC_TUNABLES|SLURM_(?:CPUS_PER_TASK|NTASKS|JOB_NUM_NODES))$/;
const SECRET_NAME = /TOKEN|KEY|SECRET|PASS|CREDENTIAL/;

async function numericVariables(): Promise<ProgramOutcome> {
  const lines = Object.entries(programEnvironment({})).flatMap(([name, value]) =>
    value !== undefined && NUMERIC_VARIABLE.test(name) && !SECRET_NAME.test(name) && !/[\r\n]/.test(value)
      ? [`${name}=${value}\n`]
      : [],
  );
  if (lines.length === 0) return { outcome: 'failed', reason: 'none of them is set' };
  return { outcome: 'done', stdout: lines.toSorted().join('') };
}

/** /proc says that its files have no size, so they are read to their end. */
async function readReport(file: string): Promise<ProgramOutcome> {
  try {
    return { outcome: 'done', stdout: await readFile(file, 'utf8') };
  } catch {
    return { outcome: 'failed', reason: 'not readable on this system' };
  }
}
