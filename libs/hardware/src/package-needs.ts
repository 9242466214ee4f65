import type { ImageNeeds } from './image-needs.js';

interface NamedVersion {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
}

/** Packages that carry CUDA's runtime, the one that says it best first; versions begin with that of the toolkit. */
export const CUDA_PACKAGES: readonly { readonly ecosystem: string; readonly name: string }[] = [
  { ecosystem: 'conda', name: 'cuda-version' },
  { ecosystem: 'conda', name: 'cudatoolkit' },
  { ecosystem: 'conda', name: 'cuda-cudart' },
  { ecosystem: 'pypi', name: 'nvidia-cuda-runtime' },
  { ecosystem: 'pypi', name: 'nvidia-cuda-runtime-cu13' },
  { ecosystem: 'pypi', name: 'nvidia-cuda-runtime-cu12' },
  { ecosystem: 'pypi', name: 'nvidia-cuda-runtime-cu11' },
];

/** Packages whose local version names the CUDA they bring: `2.1.0+cu118`. */
export const CUDA_BUILDS: readonly { readonly ecosystem: string; readonly name: string }[] = [
  { ecosystem: 'pypi', name: 'torch' },
  { ecosystem: 'pypi', name: 'torchvision' },
];

/**
 * The CUDA that programs in an environment are linked with; it may be another than that of the base image.
 * @param place where the packages were found, for people
 */
export function needsOfPackages(packages: readonly NamedVersion[], place = ''): ImageNeeds {
  for (const wanted of CUDA_PACKAGES) {
    const found = packages.find(({ ecosystem, name }) => ecosystem === wanted.ecosystem && name === wanted.name);
    const toolkit = /^\d{1,3}\.\d{1,3}/.exec(found?.version ?? '')?.[0];
    if (found !== undefined && toolkit !== undefined) {
      return { cuda: { toolkit, evidence: evidenceOf(found, place) } };
    }
  }
  for (const found of packages) {
    const { ecosystem, name, version } = found;
    if (!CUDA_BUILDS.some((each) => each.ecosystem === ecosystem && each.name === name)) continue;
    // cu118 and cu92; two digits that begin with 1 would be a major version alone.
    const digits = /\+cu(?<digits>1\d{2}|[789]\d)(?:\.|$)/.exec(version)?.groups?.['digits'];
    if (digits === undefined) continue;
    const toolkit = `${digits.slice(0, -1)}.${digits.slice(-1)}`;
    return { cuda: { toolkit, evidence: evidenceOf(found, place) } };
  }
  return {};
}

function evidenceOf({ ecosystem, name, version }: NamedVersion, place: string): string {
  return `${name} ${version} of ${ecosystem}${place === '' ? '' : ` ${place}`}`;
}
