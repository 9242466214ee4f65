import { compareVersions } from './version-order.js';

/**
 * Which driver a CUDA toolkit needs, and which GPUs it makes machine code for. After NVIDIA's release notes ("CUDA
 * Toolkit and Minimum Required Driver Version", "CUDA Compatibility") and its compiler's list of targets. Newer drivers
 * run older toolkits; from CUDA 11 on any driver of a major version runs all toolkits of that major version.
 */
export const CUDA_TABLE_VERSION = '2026-11';

/** Newest first. Linux. */
const MINIMUM_DRIVERS: readonly { readonly toolkit: string; readonly driver: string }[] = [
  { toolkit: '13.0', driver: '580.65.06' },
  { toolkit: '12.0', driver: '525.60.13' },
  { toolkit: '11.0', driver: '450.80.02' },
  { toolkit: '10.2', driver: '440.33' },
  { toolkit: '10.1', driver: '418.39' },
  { toolkit: '10.0', driver: '410.48' },
  { toolkit: '9.2', driver: '396.26' },
  { toolkit: '9.1', driver: '390.46' },
  { toolkit: '9.0', driver: '384.81' },
  { toolkit: '8.0', driver: '375.26' },
  { toolkit: '7.5', driver: '352.31' },
  { toolkit: '7.0', driver: '346.46' },
];

interface Support {
  /** First toolkit that makes code for it. */
  readonly first: string;
  /** Last toolkit that does; null: still does. */
  readonly last: string | null;
}

const SUPPORT: ReadonlyMap<string, Support> = new Map([
  ['2.0', { first: '3.0', last: '8.0' }],
  ['2.1', { first: '3.2', last: '8.0' }],
  ['3.0', { first: '4.2', last: '10.2' }],
  ['3.5', { first: '5.0', last: '11.8' }],
  ['3.7', { first: '6.5', last: '11.8' }],
  ['5.0', { first: '6.0', last: '12.9' }],
  ['5.2', { first: '7.0', last: '12.9' }],
  ['6.0', { first: '8.0', last: '12.9' }],
  ['6.1', { first: '8.0', last: '12.9' }],
  ['7.0', { first: '9.0', last: '12.9' }],
  ['7.2', { first: '9.2', last: '12.9' }],
  ['7.5', { first: '10.0', last: null }],
  ['8.0', { first: '11.0', last: null }],
  ['8.6', { first: '11.1', last: null }],
  ['8.7', { first: '11.4', last: null }],
  ['8.9', { first: '11.8', last: null }],
  ['9.0', { first: '11.8', last: null }],
  ['10.0', { first: '12.8', last: null }],
  ['10.3', { first: '12.9', last: null }],
  ['11.0', { first: '13.0', last: null }],
  ['12.0', { first: '12.8', last: null }],
  ['12.1', { first: '12.9', last: null }],
]);

/** @returns null for a toolkit older than the table, or of a major version newer than it */
export function minimumDriverOf(toolkit: string): string | null {
  const [newest] = MINIMUM_DRIVERS;
  if (newest === undefined || majorOf(toolkit) > majorOf(newest.toolkit)) return null;
  return MINIMUM_DRIVERS.find((row) => compareVersions(toolkit, row.toolkit) >= 0)?.driver ?? null;
}

export function supportOf(capability: string): Support | null {
  return SUPPORT.get(capability) ?? null;
}

/** Whether a driver whose highest CUDA is known takes a toolkit. */
export function isTakenBy(cudaDriverMax: string, toolkit: string): boolean {
  if (compareVersions(cudaDriverMax, toolkit) >= 0) return true;
  return majorOf(toolkit) >= 11 && majorOf(cudaDriverMax) === majorOf(toolkit);
}

/** Machine code runs on GPUs of the same major number with an equal or higher minor one; `a` means this one only. */
export function runsMachineCode(code: string, capability: string): boolean {
  if (code.endsWith('a')) return code.slice(0, -1) === capability;
  return majorOf(code) === majorOf(capability) && compareVersions(capability, code) >= 0;
}

function majorOf(version: string): number {
  return Number(version.split('.')[0]);
}
