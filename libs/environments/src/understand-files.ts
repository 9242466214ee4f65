import { binderFolder, readEnvironmentFile } from '@envarium/formats';
import { mergeFingerprints, readHardwareReport } from '@envarium/hardware';
import { type EnvironmentManifest, type HardwareFingerprint, isStorableText, type SpecSecret } from '@envarium/schema';
import { assembleManifest, type FileSpec } from './assemble-manifest.js';

export interface DepositedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What was understood of one file. `format` is null when it is kept byte for byte only. */
export interface FileUnderstanding {
  readonly path: string;
  readonly format: string | null;
  readonly packageCount: number;
  readonly message: string | null;
  readonly line: number | null;
  readonly secrets: readonly SpecSecret[];
}

export interface Understanding {
  readonly files: readonly FileUnderstanding[];
  /** null when no file says anything of packages. */
  readonly environment: EnvironmentManifest | null;
  /** null when there is no hardware report. */
  readonly hardware: HardwareFingerprint | null;
}

const UNSTORABLE = 'names or values hold a NUL character or half of a surrogate pair, written as an escape';

/**
 * Reads every file of a deposit. Never throws: what cannot be read is a result with a reason. What Binder would not read
 * is read all the same, and said to be so: the deposit need not be one for Binder.
 */
export function understandFiles(files: readonly DepositedFile[]): Understanding {
  const understood: FileUnderstanding[] = [];
  const specs: FileSpec[] = [];
  const fingerprints: HardwareFingerprint[] = [];
  for (const { path, bytes } of files) {
    // Hardware reports have strong marks; some formats of package files have weak ones and would claim them.
    const report = readHardwareReport(bytes, path);
    if (report.outcome === 'understood') {
      if (!isStorable(report.fingerprint)) {
        understood.push(describe(path, report.format, 0, UNSTORABLE, null, []));
        continue;
      }
      fingerprints.push(report.fingerprint);
      const [problem] = report.fingerprint.problems;
      understood.push(describe(path, report.format, 0, problem?.message ?? null, problem?.line ?? null, []));
      continue;
    }
    const reading = readEnvironmentFile(bytes, path);
    if (reading.outcome === 'not-understood') {
      understood.push(describe(path, reading.format, 0, reading.problem.message, reading.problem.line, []));
      continue;
    }
    const { spec } = reading;
    if (!isStorable(spec)) {
      understood.push(describe(path, reading.format, 0, UNSTORABLE, null, spec.secrets));
      continue;
    }
    specs.push({ path, spec });
    const [problem] = spec.problems;
    const message = problem === undefined ? null : problemSummary(problem.message, spec.problems.length);
    understood.push(describe(path, reading.format, spec.packages.length, message, problem?.line ?? null, spec.secrets));
  }
  const { remarkOn } = binderFolder(files.map(({ path }) => path));
  return {
    files: understood.map((file) => ({ ...file, message: join(file.message, remarkOn(file.path)) })),
    environment: specs.length === 0 ? null : assembleManifest(specs),
    hardware: fingerprints.length === 0 ? null : mergeFingerprints(fingerprints),
  };
}

function describe(
  path: string,
  format: string | null,
  packageCount: number,
  message: string | null,
  line: number | null,
  secrets: readonly SpecSecret[],
): FileUnderstanding {
  // A message may quote what it could not read.
  const shown = message?.replaceAll(/[\0\p{Cs}]/gu, '\uFFFD') ?? null;
  return { path, format, packageCount, message: shown, line, secrets };
}

/** Escapes of JSON and YAML can write what neither a row nor an archived document can hold. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isStorable);
}

function join(message: string | null, remark: string | null): string | null {
  return message === null || remark === null ? (message ?? remark) : `${message} ${remark}`;
}

function problemSummary(first: string, count: number): string {
  return count === 1 ? first : `${first} (and ${count - 1} more)`;
}
