import type { HardwareFingerprint, HardwareSource } from '@envarium/schema';
import { toFingerprint } from './fingerprint.js';
import { ReportError, type HardwareReading } from './format.js';
import { HARDWARE_FORMATS } from './formats.js';

export type ReportOutcome =
  | { readonly outcome: 'understood'; readonly format: HardwareSource; readonly fingerprint: HardwareFingerprint }
  | { readonly outcome: 'not-understood'; readonly message: string; readonly line: number | null };

const MAX_REPORT_BYTES = 8 * 2 ** 20;

/** Reports that people take for the ones we read, with what to run instead. */
const NEAR_MISSES: readonly { readonly pattern: RegExp; readonly message: string }[] = [
  {
    pattern: /^(?:hw|machdep\.cpu)\.\w+(?:\.\w+)*: /m,
    message: 'a sysctl report without machdep.cpu.brand_string; take it on macOS with sysctl hw machdep.cpu',
  },
  { pattern: /^GPU \d+: .*\(UUID: /m, message: 'the list of nvidia-smi -L; take the report with nvidia-smi -q' },
  { pattern: /^[ \t]*\*-\w+/m, message: 'the text of lshw; take it as JSON with lshw -json' },
  { pattern: /^Machine \(\d+[KMGT]?i?B/m, message: 'the text of lstopo; take it as XML with lstopo --of xml' },
];

/**
 * Reads one hardware report, whatever its name. Never throws: what cannot be read is an outcome with its reason.
 * @param bytes the report as deposited, at most 8 MiB, in UTF-8 or in UTF-16 with a byte-order mark
 * @param path path inside the deposit, `/` separated; a weak hint only
 */
export function readHardwareReport(bytes: Uint8Array, path: string): ReportOutcome {
  if (bytes.byteLength > MAX_REPORT_BYTES) return notUnderstood('larger than 8 MiB');
  const content = decode(bytes);
  if (content === null) return notUnderstood('neither UTF-8 nor UTF-16 with a byte-order mark');
  for (const { id, extract } of HARDWARE_FORMATS) {
    let reading: HardwareReading | null;
    try {
      reading = extract(content, path);
    } catch (error) {
      if (error instanceof ReportError) return notUnderstood(error.message, error.line);
      // Deep nesting ends in a RangeError of the engine; whatever it is, the bytes are kept and the deposit goes on.
      return notUnderstood(`${id} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`);
    }
    if (reading !== null) return { outcome: 'understood', format: id, fingerprint: toFingerprint(reading) };
  }
  const nearMiss = NEAR_MISSES.find(({ pattern }) => pattern.test(content));
  return notUnderstood(nearMiss?.message ?? `no report of ${HARDWARE_FORMATS.map(({ name }) => name).join(', ')}`);
}

function notUnderstood(message: string, line: number | null = null): ReportOutcome {
  return { outcome: 'not-understood', message, line };
}

/** TextDecoder takes the byte-order mark away. */
function decode(bytes: Uint8Array): string | null {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
