import path from 'node:path/posix';
import type { ScopeContainer, ScopeKind, SpecCapture } from '@envarium/schema';
import type { FileSpec } from './assemble-manifest.js';
import { compare } from './statements.js';

/** A machine, or a container on it, in which files of a deposit were written at once. */
export interface CaptureContext {
  /** Of the file that says so. */
  readonly file: string;
  readonly capture: SpecCapture;
}

/** By path of a file of the deposit: where it was seen. What no capture names was seen nowhere that is known. */
export function contextsOf(files: readonly FileSpec[]): ReadonlyMap<string, CaptureContext> {
  const contexts = new Map<string, CaptureContext>();
  for (const { path: file, spec } of files.toSorted((a, b) => compare(a.path, b.path))) {
    if (spec.capture === undefined) continue;
    const context = { file, capture: spec.capture };
    for (const report of spec.capture.reports) {
      const place = path.join(path.dirname(file), report);
      if (!contexts.has(place)) contexts.set(place, context);
    }
  }
  return contexts;
}

/** A container shows its own system, packages and variables as those of a machine; its kernel is that of the host. */
export function scopeKindOf({ spec }: FileSpec, context: CaptureContext | null): ScopeKind {
  const isInside = context !== null && context.capture.container !== null;
  return isInside && spec.scope === 'host' && spec.kernel === undefined ? 'container' : spec.scope;
}

export function containerOf({ file, capture }: CaptureContext): ScopeContainer | null {
  const { container, line } = capture;
  return container === null ? null : { ...container, evidence: [{ file, line }] };
}
