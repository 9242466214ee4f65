import type { Gpu, HardwareFingerprint } from '@envarium/schema';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { reported } from '../facts.js';
import { ReportError, type HardwareReading } from '../format.js';
import { NvidiaSmiLog, type GpuElement } from './schema.js';

const SOURCE = 'nvidia-smi-xml';

/** From the start to the root element or to the internal subset of its DOCTYPE. Anchored, so that it takes linear time. */
const PROLOG =
  /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!DOCTYPE\s+nvidia_smi_log\b[^>[]*(?:>\s*|(?<subset>\[)))?(?:(?<=\[)|<nvidia_smi_log\b)/;

/** Values stay text (`418.30` is a version, not a number), and nothing in the file is expanded or fetched. */
const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  processEntities: false,
  isArray: (_name, path) => path === 'nvidia_smi_log.gpu',
});

export function extract(content: string): HardwareReading | null {
  const prolog = PROLOG.exec(content);
  if (prolog === null) return null;
  // The driver names its DTD and declares nothing; entities and second DOCTYPEs come from someone else.
  const declaration = /<!(?!--)/.exec(content.slice(prolog[0].length));
  if (prolog.groups?.['subset'] !== undefined || declaration !== null) {
    throw new ReportError('XML declarations are refused');
  }
  const validity = XMLValidator.validate(content);
  if (validity !== true) throw new ReportError(`XML is broken or cut off: ${validity.err.msg}`, validity.err.line);
  const log = NvidiaSmiLog.safeParse(parser.parse(content));
  if (!log.success) throw new ReportError('XML is not the log of nvidia-smi', null, { cause: log.error });

  const { driver_version, cuda_version, attached_gpus, gpu } = log.data.nvidia_smi_log;
  const problems: HardwareFingerprint['problems'] = [];
  const gpus = gpu.map(toGpu).filter((found) => found !== null);
  if (gpus.length < gpu.length) {
    problems.push({ source: SOURCE, message: `${gpu.length - gpus.length} GPU without a product name`, line: null });
  }
  if (attached_gpus !== null && attached_gpus !== String(gpu.length)) {
    const message = `attached_gpus is ${attached_gpus}, but the report describes ${gpu.length}`;
    problems.push({ source: SOURCE, message, line: null });
  }
  return {
    gpus,
    gpuDriver: reported(SOURCE, driver_version),
    cudaDriverMax: reported(SOURCE, cuda_version),
    problems,
  };
}

function toGpu(element: GpuElement): Gpu | null {
  if (element.product_name === null) return null;
  const ecc = element.ecc_mode?.current_ecc ?? null;
  return {
    model: element.product_name,
    architecture: element.product_architecture,
    brand: element.product_brand,
    memoryBytes: mebibytes(element.fb_memory_usage?.total ?? null),
    eccEnabled: ecc === 'Enabled' ? true : ecc === 'Disabled' ? false : null,
    migMode: element.mig_mode?.current_mig ?? null,
    source: SOURCE,
  };
}

/** `81920 MiB`; drivers before 418 wrote `MB` and meant the same. */
function mebibytes(text: string | null): number | null {
  const amount = /^(?<amount>\d{1,9}) Mi?B$/.exec(text ?? '')?.groups?.['amount'];
  return amount === undefined ? null : Number(amount) * 2 ** 20;
}
