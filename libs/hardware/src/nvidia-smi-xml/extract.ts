import type { Gpu, HardwareFingerprint } from '@envarium/schema';
import { reported } from '../facts.js';
import { ReportError, type HardwareReading } from '../format.js';
import { toNvidiaGpu } from '../nvidia-values.js';
import { readXmlDocument } from '../xml-document.js';
import { NvidiaSmiLog, type GpuElement } from './schema.js';

const SOURCE = 'nvidia-smi-xml';

export function extract(content: string): HardwareReading | null {
  const document = readXmlDocument(content, {
    root: 'nvidia_smi_log',
    isRepeated: (_name, path) => path === 'nvidia_smi_log.gpu',
    hasAttributes: false,
  });
  if (document === null) return null;
  const log = NvidiaSmiLog.safeParse(document);
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
  return toNvidiaGpu(SOURCE, {
    product: element.product_name,
    brand: element.product_brand,
    architecture: element.product_architecture,
    memory: element.fb_memory_usage?.total ?? null,
    ecc: element.ecc_mode?.current_ecc ?? null,
    mig: element.mig_mode?.current_mig ?? null,
  });
}
