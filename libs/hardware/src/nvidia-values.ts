import type { Gpu, HardwareSource } from '@envarium/schema';
import { derived } from './facts.js';
import { computeCapabilityOf } from './gpu-table.js';

/**
 * The driver's many ways to say that it does not know: `N/A`, `[N/A]`, `[Not Supported]`, `Unknown Error`, `ERR!`,
 * `Requested functionality has been deprecated`.
 */
const NO_VALUE =
  /^(?:|\[?(?:N\/A|Not (?:Supported|Found|Active)|Unknown Error|Insufficient Permissions|ERR!)\]?|Requested functionality has been deprecated)$/i;

/** One GPU as the driver describes it, in any of its layouts. Absent and "not available" are both null. */
export interface NvidiaGpu {
  readonly product: string;
  readonly brand: string | null;
  readonly architecture: string | null;
  readonly memory: string | null;
  readonly ecc: string | null;
  readonly mig: string | null;
}

export function nvidiaText(text: string | undefined): string | null {
  return text === undefined || NO_VALUE.test(text.trim()) ? null : text.trim();
}

export function toNvidiaGpu(
  source: HardwareSource,
  { product, brand, architecture, memory, ecc, mig }: NvidiaGpu,
): Gpu {
  return {
    model: product,
    architecture,
    computeCapability: derived(source, computeCapabilityOf(product)),
    brand,
    memoryBytes: mebibytes(memory),
    eccEnabled: ecc === 'Enabled' ? true : ecc === 'Disabled' ? false : null,
    migMode: mig,
    source,
  };
}

/** `81920 MiB`; drivers before 418 wrote `MB` and meant the same. */
function mebibytes(text: string | null): number | null {
  const amount = /^(?<amount>\d{1,9}) ?Mi?B$/.exec(text ?? '')?.groups?.['amount'];
  return amount === undefined ? null : Number(amount) * 2 ** 20;
}
