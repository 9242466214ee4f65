import { decodeText, FormatError, formats, splitLines } from '@envarium/formats';
import { HARDWARE_FORMATS, readHardwareReport, ReportError } from '@envarium/hardware';
import { EnvironmentSpec, HardwareFingerprint } from '@envarium/schema';

/** What a reader says of some bytes. `none`: it leaves them to other formats. */
export type Reading = 'none' | 'understood' | 'refused';

export interface Reader {
  readonly id: string;
  /** folder of the format, for its fixtures */
  readonly folder: string;
  /** @throws on anything that a reader must not do: an error of another kind, a shape that is not valid, a line not there */
  readonly read: (bytes: Uint8Array, path: string) => Reading;
}

/** Every format of package files and of hardware reports. */
export const readers: readonly Reader[] = [
  ...formats.map(({ id, extract }): Reader => ({
    id,
    folder: `libs/formats/src/${id}`,
    read: (bytes, path) => readPackageFile(bytes, path, extract),
  })),
  ...HARDWARE_FORMATS.map(({ id, extract }): Reader => ({
    id,
    folder: `libs/hardware/src/${id}`,
    read: (bytes, path) => readReport(bytes, path, extract),
  })),
];

/** The reader itself, and not `readEnvironmentFile`, which would hide what it throws. */
function readPackageFile(
  bytes: Uint8Array,
  path: string,
  extract: (content: string, path: string) => EnvironmentSpec | null,
): Reading {
  try {
    const { text } = decodeText(bytes);
    const spec = extract(text, path);
    if (spec === null) return 'none';
    EnvironmentSpec.parse(spec);
    checkLines(linesOf(spec), text);
    checkPackages(spec);
    return 'understood';
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (error.message === '') throw new Error('A refusal without a message.', { cause: error });
    return 'refused';
  }
}

function readReport(bytes: Uint8Array, path: string, extract: (content: string, path: string) => unknown): Reading {
  try {
    const reading = extract(new TextDecoder().decode(bytes), path);
    if (reading === null) return 'none';
    const outcome = readHardwareReport(bytes, path);
    if (outcome.outcome === 'not-understood') return 'refused';
    HardwareFingerprint.parse(outcome.fingerprint);
    return 'understood';
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    return 'refused';
  }
}

function linesOf(spec: EnvironmentSpec): (number | null)[] {
  const { system, kernel, capture, numerics = [] } = spec;
  const seen = [system, kernel, capture, ...numerics].flatMap((each) => each ?? []);
  return [spec.packages, spec.runtimes, spec.baseImages, spec.problems, spec.secrets, seen].flatMap((items) =>
    items.map(({ line }) => line),
  );
}

function checkLines(lines: readonly (number | null)[], text: string): void {
  const last = splitLines(text).length;
  const beyond = lines.find((line) => line !== null && line > last);
  if (beyond !== undefined) throw new Error(`Line ${beyond} is named, and the file has ${last}.`);
}

function checkPackages({ packages }: EnvironmentSpec): void {
  for (const { name, version, purl } of packages) {
    if (name === '' || version === '') throw new Error(`A package without ${name === '' ? 'name' : 'version'}.`);
    if (purl !== null && !purl.startsWith('pkg:')) throw new Error(`No package URL: ${purl}`);
  }
}
