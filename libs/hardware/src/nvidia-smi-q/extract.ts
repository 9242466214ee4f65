import type { Gpu, HardwareFingerprint } from '@envarium/schema';
import { reported } from '../facts.js';
import { ReportError, type HardwareReading } from '../format.js';
import { splitLabel } from '../labelled-line.js';
import { nvidiaText, toNvidiaGpu } from '../nvidia-values.js';

const SOURCE = 'nvidia-smi-q';
const TITLE = /^[ \t]*={5,}NVSMI LOG={5,}[ \t]*$/m;
const MAX_GPUS = 1024;
const MAX_DEPTH = 8;

/** Values by their path: `ECC Mode/Current`. Of a repeated path the first value stays. */
type Section = ReadonlyMap<string, string>;

/** The labels we read, with the sections they stand in: elsewhere `Current` or `Total` is something else. */
const PRODUCT = 'Product Name';
const MEMORY = ['FB Memory Usage/Total', 'Memory Usage/Total'];

export function extract(content: string): HardwareReading | null {
  const title = TITLE.exec(content);
  // Prose about nvidia-smi may quote the title; a report begins with it, or after a prompt and a few lines.
  if (title === null || content.slice(0, title.index).split('\n').length > 20) return null;
  const { head, gpus: sections, isCut, lastLine } = toSections(content.slice(title.index + title[0].length));
  const driver = nvidiaText(head.get('Driver Version'));
  if (driver === null && sections.length === 0) {
    throw new ReportError('the log of nvidia-smi ends before its first fact', 1);
  }

  const problems: HardwareFingerprint['problems'] = [];
  const gpus = sections.map(toGpu).filter((gpu) => gpu !== null);
  if (gpus.length < sections.length) {
    problems.push({
      source: SOURCE,
      message: `${sections.length - gpus.length} GPU without a product name`,
      line: null,
    });
  }
  const attached = nvidiaText(head.get('Attached GPUs'));
  if (attached !== null && attached !== String(sections.length)) {
    const end = isCut ? ', and it is cut off' : '';
    const message = `Attached GPUs is ${attached}, but the report describes ${sections.length}${end}`;
    const line = lineOf(content, title.index) + lastLine;
    problems.push({ source: SOURCE, message, line });
  }
  return {
    gpus,
    gpuDriver: reported(SOURCE, driver),
    cudaDriverMax: reported(SOURCE, nvidiaText(head.get('CUDA Version'))),
    problems,
  };
}

interface Sections {
  readonly head: Section;
  readonly gpus: readonly Section[];
  readonly isCut: boolean;
  readonly lastLine: number;
}

/** Four blanks of indentation are one level; a line without a value opens a level. */
function toSections(text: string): Sections {
  const head = new Map<string, string>();
  const gpus: Map<string, string>[] = [];
  let section = head;
  let path: { readonly indent: number; readonly label: string }[] = [];
  const lines = text.split(/\r?\n/);
  for (const line of lines) {
    if (/^GPU [0-9A-F:.]{4,20}[ \t]*$/i.test(line)) {
      if (gpus.length === MAX_GPUS) throw new ReportError(`more than ${MAX_GPUS} GPUs`);
      section = new Map();
      gpus.push(section);
      path = [];
      continue;
    }
    const indent = line.length - line.trimStart().length;
    path = path.filter((level) => level.indent < indent);
    const field = splitLabel(line);
    if (field === null) {
      const label = line.trim();
      if (label !== '' && label.length <= 60 && path.length < MAX_DEPTH) path.push({ indent, label });
      continue;
    }
    const key = [...path.map(({ label }) => label), field.label].join('/');
    if (!section.has(key)) section.set(key, field.value);
  }
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return { head, gpus, isCut: !text.endsWith('\n'), lastLine: last };
}

function toGpu(section: Section): Gpu | null {
  const valueOf = (...keys: readonly string[]) =>
    nvidiaText(keys.map((key) => section.get(key)).find((text) => text !== undefined));
  const product = valueOf(PRODUCT);
  if (product === null) return null;
  return toNvidiaGpu(SOURCE, {
    product,
    brand: valueOf('Product Brand'),
    architecture: valueOf('Product Architecture'),
    memory: valueOf(...MEMORY),
    ecc: valueOf('ECC Mode/Current', 'Ecc Mode/Current'),
    mig: valueOf('MIG Mode/Current'),
  });
}

function lineOf(content: string, index: number): number {
  return content.slice(0, index).split('\n').length;
}
