import type { ImagePackage, ImageRuntime } from '@envarium/comparison';

/** Folders that language environments live in, by the file that says what is in them. Without leading slash. */
const PLACES: Readonly<Partial<Record<string, readonly RegExp[]>>> = {
  pypi: [
    /^(?<place>.*?)(?:^|\/)lib(?:32|64)?\/python[^/]*\/(?:site|dist)-packages\//,
    /^(?<place>.*?(?:site|dist)-packages)\//,
  ],
  conda: [/^(?<place>.*?)(?:^|\/)conda-meta\//],
  cran: [/^(?<place>.*(?:site-)?library)\/[^/]+\/DESCRIPTION$/],
  npm: [/^(?<place>.*?)(?:^|\/)node_modules\//],
  julia: [/^(?<place>.*)\/(?:packages|environments)\/[^/]+\//],
};

/** @returns null: the container itself */
export function placeOf({ ecosystem, path }: ImagePackage): string | null {
  for (const pattern of PLACES[ecosystem] ?? []) {
    const place = pattern.exec(path)?.groups?.['place'];
    if (place !== undefined) return place === '' ? null : place;
  }
  return null;
}

/** The innermost other place that holds this one. */
export function parentOf(path: string, places: readonly string[]): string | null {
  return innermost(places.filter((place) => path.startsWith(`${place}/`)));
}

/** An interpreter belongs to the environment that it is installed in. */
export function placeOfRuntime({ path }: ImageRuntime, places: readonly string[]): string | null {
  return innermost(places.filter((place) => path.startsWith(`${place}/`)));
}

function innermost(places: readonly string[]): string | null {
  return places.reduce<string | null>((best, each) => (best === null || each.length > best.length ? each : best), null);
}
