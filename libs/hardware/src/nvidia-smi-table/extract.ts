import type { Gpu, HardwareFingerprint } from '@envarium/schema';
import { reported } from '../facts.js';
import type { HardwareReading } from '../format.js';
import { nvidiaText, toNvidiaGpu } from '../nvidia-values.js';

const SOURCE = 'nvidia-smi-table';
const HEADER =
  /^\| NVIDIA-SMI (?<tool>[\w.]{1,30}) {1,40}Driver Version: (?<driver>[\w./]{1,30}) {1,40}(?:CUDA Version: (?<cuda>[\w./]{1,20}) *)?\|[ \t]*\r?$/m;
/** First line of a GPU: index, name, persistence mode (on Windows the driver model); then the bus id, which no line of a process has. */
const GPU_LINE =
  /^\| {1,4}(?<index>\d{1,4}) {1,4}(?<name>\S.{0,80}?) +(?:On|Off|N\/A|WDDM|TCC|MCDM) *\| *[0-9A-F]{4,8}:[0-9A-F]{2}:[0-9A-F]{2}\.\d /;
const MEMORY = /\| *\d{1,9}MiB *\/ *(?<total>\d{1,9}MiB) *\|/;
const MAX_GPUS = 1024;

/** The table for people: names are cut to its width, and what it does not show is unknown. */
export function extract(content: string): HardwareReading | null {
  const header = HEADER.exec(content)?.groups;
  if (header === undefined) return null;
  const problems: HardwareFingerprint['problems'] = [];
  const gpus: Gpu[] = [];
  const lines = content.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.length > 400 || gpus.length === MAX_GPUS) continue;
    const name = GPU_LINE.exec(line)?.groups?.['name'];
    if (name === undefined) continue;
    if (name.endsWith('...')) {
      const message = `the table cuts the name of GPU ${gpus.length}; take the report with nvidia-smi -q`;
      problems.push({ source: SOURCE, message, line: index + 1 });
    }
    const memory = MEMORY.exec((lines[index + 1] ?? '').slice(0, 400))?.groups?.['total'] ?? null;
    const mig = nvidiaText((lines[index + 2] ?? '').slice(0, 400).split('|').at(-2)?.trim());
    gpus.push(
      toNvidiaGpu(SOURCE, {
        product: name,
        brand: null,
        architecture: null,
        memory,
        ecc: null,
        mig: mig !== null && /^(?:En|Dis)abled\*?$/.test(mig) ? mig : null,
      }),
    );
  }
  return {
    gpus,
    gpuDriver: reported(SOURCE, nvidiaText(header['driver'])),
    cudaDriverMax: reported(SOURCE, nvidiaText(header['cuda'])),
    problems,
  };
}
