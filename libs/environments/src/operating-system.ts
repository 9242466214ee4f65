import type { Evidence, OperatingSystem } from '@envarium/schema';
import type { FileSpec } from './assemble-manifest.js';
import { byEvidence, merge } from './statements.js';

/** By how much each says of a system. */
const FORMATS = ['os-release', 'lsb-release', 'uname'] as const;

/**
 * The operating system of one scope, by what says most of it. Of two files that disagree neither is believed: both stand
 * among the runtimes.
 */
export function operatingSystemOf(files: readonly FileSpec[]): OperatingSystem | null {
  const format = FORMATS.find((each) => files.some(({ spec }) => spec.format === each && spec.system !== undefined));
  const systems = merge(
    files.flatMap(({ path: file, spec: { format: id, system } }) => {
      if (system === undefined || id !== format) return [];
      const { line, ...said } = system;
      return [{ ...said, evidence: [{ file, line }] }];
    }),
  );
  const kernels = merge(
    files.flatMap(({ path: file, spec: { kernel } }) =>
      kernel === undefined ? [] : [{ release: kernel.release, evidence: [{ file, line: kernel.line }] }],
    ),
  );
  const [system, another] = systems;
  if (system === undefined || another !== undefined) return null;
  const [kernel] = kernels;
  if (kernel === undefined || kernels.length > 1) return system;
  return { ...system, kernel: kernel.release, evidence: together(system.evidence, kernel.evidence) };
}

/** As people call it. */
export function systemText({ id, versionId, name }: Pick<OperatingSystem, 'id' | 'versionId' | 'name'>): string {
  return name ?? [id, versionId].filter(Boolean).join(' ');
}

function together(some: readonly Evidence[], others: readonly Evidence[]): Evidence[] {
  const places = new Map([...some, ...others].map((each) => [`${each.file}\0${each.line ?? ''}`, each]));
  return [...places.values()].sort((a, b) => byEvidence({ evidence: a }, { evidence: b }));
}
