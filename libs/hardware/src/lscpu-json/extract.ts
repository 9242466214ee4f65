import type { Cpu } from '@envarium/schema';
import { derived } from '../facts.js';
import { ReportError, type HardwareReading } from '../format.js';
import { readLscpuFields, type LscpuField } from '../lscpu/fields.js';
import { LscpuSummary, LscpuTable, type LscpuNode, type LscpuRow } from './schema.js';

const SOURCE = 'lscpu-json';

export function extract(content: string): HardwareReading | null {
  if (!/^\s*\{\s*"(?:lscpu|cpus)"\s*:/.test(content)) return null;
  const json = parseJson(content);

  const summary = LscpuSummary.safeParse(json);
  if (summary.success) {
    const fields = toFields(summary.data.lscpu);
    if (fields.some(({ label }) => label === 'CPU(s)')) return readLscpuFields(fields, SOURCE);
    throw new ReportError('lscpu JSON without the field "CPU(s)"; in another language, take it again with LC_ALL=C');
  }
  const table = LscpuTable.safeParse(json);
  // Other programs also call their list "cpus".
  if (table.success) return table.data.cpus.every(({ cpu }) => /^\d+$/.test(cpu)) ? readTable(table.data.cpus) : null;
  throw new ReportError('JSON with the key of lscpu, but not its shape', null, { cause: summary.error });
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new ReportError('lscpu JSON is broken or cut off', null, { cause: error });
  }
}

function toFields(nodes: readonly LscpuNode[]): LscpuField[] {
  return nodes.flatMap(({ field, data, children = [] }) => [
    { label: field.replace(/:$/, '').trim(), value: data.trim(), line: null, isWrapped: false },
    ...toFields(children),
  ]);
}

/** The table has no summary: what it allows to count is counted. An absent column or `-` leaves the fact unknown. */
function readTable(rows: readonly LscpuRow[]): HardwareReading {
  const online = rows.filter((row) => row.online !== 'no' && row.online !== 'false');
  const sockets = countDistinct(online.map(({ socket }) => socket));
  // `core` is unique over the whole machine, so that sockets need not be told apart.
  const cores = countDistinct(online.map(({ core }) => core));
  const cpu: Partial<Cpu> = {
    logicalCpus: rows.some((row) => row.online !== '') ? derived(SOURCE, rows.length) : null,
    onlineCpus: derived(SOURCE, online.length),
    sockets: derived(SOURCE, sockets),
    coresPerSocket: derived(SOURCE, quotient(cores, sockets)),
    threadsPerCore: derived(SOURCE, quotient(online.length, cores)),
    numaNodes: derived(SOURCE, countDistinct(online.map(({ node }) => node))),
  };
  return { cpu };
}

function countDistinct(values: readonly string[]): number | null {
  return values.every((value) => /^\d+$/.test(value)) && values.length > 0 ? new Set(values).size : null;
}

function quotient(dividend: number | null, divisor: number | null): number | null {
  if (dividend === null || divisor === null || dividend % divisor !== 0) return null;
  return dividend / divisor;
}
