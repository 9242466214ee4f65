import type { NumericLibrary } from '@envarium/schema';
import { baseName } from '../numeric-library.js';
import type { LoadedLibrary } from './schema.js';

/**
 * How each library states its own version. OpenBLAS: `OpenBLAS 0.3.27  USE64BITINT DYNAMIC_ARCH ...`, where wheels number their
 * builds behind it; MKL: `Intel(R) oneAPI Math Kernel Library Version 2023.1-Product Build ...`; BLIS: `0.9.0`.
 */
const VERSIONS: Readonly<Partial<Record<string, RegExp>>> = {
  openblas: /^OpenBLAS (\d[\w.+-]*)(?: |$)/,
  mkl: /Version (\d+(?:\.\d+)*)(?:-| |$)/,
  blis: /^(\d[\w.+-]*)$/,
};

/** Only what a library says of itself: the number in the name of a file is mostly that of its interface. */
export function libraryOf(loaded: LoadedLibrary): NumericLibrary {
  const { kind, config, kernel, threadingLayer, threads } = loaded;
  const file = loaded.realFile ?? loaded.file ?? null;
  const pattern = Object.hasOwn(VERSIONS, kind) ? VERSIONS[kind] : undefined;
  return {
    kind,
    file: file === null ? null : baseName(file),
    version: pattern?.exec(config?.trim() ?? '')?.[1] ?? null,
    coreType: kernel ?? null,
    threadingLayer: threadingLayer ?? null,
    threads: threads ?? null,
  };
}
