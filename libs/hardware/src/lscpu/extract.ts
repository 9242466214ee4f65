import { ReportError, type HardwareReading } from '../format.js';
import { splitLabel } from '../labelled-line.js';
import { readLscpuFields, type LscpuField } from './fields.js';

const EXPECTED_LABELS = ['Architecture', 'On-line CPU(s) list', 'Thread(s) per core', 'Vendor ID', 'Byte Order'];
const ARCHITECTURE =
  /^(?:x86_64|i[3-6]86|aarch64|armv\d\w*|ppc(?:64)?(?:le)?|s390x?|riscv(?:32|64)|loongarch64|mips\w*)$/;
/** Not translated in any language, as they are the kernel's words. */
const UNTRANSLATED = /NUMA|L1[di]|Spectre|BogoMIPS|CPU\(s\)/;

/** `label: value` lines, flat in a pipe, indented on a terminal; `lscpu --parse` rows may follow. */
export function extract(content: string): HardwareReading | null {
  const { fields, strange } = toFields(content);
  const labels = new Set(fields.map(({ label }) => label));
  if (!labels.has('CPU(s)') || EXPECTED_LABELS.filter((label) => labels.has(label)).length < 2) {
    assertNotLocalised(fields);
    return null;
  }

  const reading = readLscpuFields(fields, 'lscpu');
  if (strange.length === 0) return reading;
  const lines = strange.length === 1 ? 'one line is' : `${strange.length} lines are`;
  const problem = { source: 'lscpu' as const, message: `${lines} not of lscpu`, line: strange[0] ?? null };
  return { ...reading, problems: [...(reading.problems ?? []), problem] };
}

function toFields(content: string): { fields: LscpuField[]; strange: number[] } {
  const fields: LscpuField[] = [];
  const strange: number[] = [];
  for (const [index, text] of content.split(/\r?\n/).entries()) {
    // `lscpu --parse`: comments, and rows such as `0,0,0,,0,0` or `7,1,-,,1`
    if (text.trim() === '' || text.startsWith('#') || /^\d+,[\d,:-]*$/.test(text)) continue;
    const field = splitLabel(text);
    const previous = fields.at(-1);
    if (field !== null) {
      fields.push({ ...field, line: index + 1, isWrapped: false });
    } else if (/^\s{8}/.test(text) && previous !== undefined) {
      fields[fields.length - 1] = { ...previous, value: `${previous.value} ${text.trim()}`, isWrapped: true };
    } else {
      strange.push(index + 1);
    }
  }
  return { fields, strange };
}

/** In another language the labels that stay alike ("CPU(s)") would be read and the others lost. */
function assertNotLocalised(fields: readonly LscpuField[]): void {
  const architecture = fields.find(({ value }) => ARCHITECTURE.test(value));
  if (architecture === undefined) return;
  if (fields.filter(({ label }) => UNTRANSLATED.test(label)).length < 2) return;
  throw new ReportError(
    `an lscpu report in another language ("${architecture.label}"); take it again with LC_ALL=C lscpu`,
    architecture.line,
  );
}
