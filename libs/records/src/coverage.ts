import type { ImageEnvironment } from '@envarium/environments';
import { describeNeeds, needsOfDemands } from '@envarium/hardware';
import type { CoverageSource, EnvironmentCoverage, PackageFile, UnreadPlace } from '@envarium/schema';

/** What an environment manifest says of its own gaps. */
export interface ManifestGaps {
  readonly notUnderstood: readonly Omit<UnreadPlace, 'source'>[];
  readonly notUnderstoodCount: number;
  readonly lookedFor: readonly string[];
}

export interface CoverageFacts {
  readonly packageFiles: readonly PackageFile[];
  /** Of the environment manifest of the package files. */
  readonly environmentDigest: string | null;
  readonly hasImage: boolean;
  readonly images: readonly ImageEnvironment[];
  /** By digest of the environment manifest. */
  readonly gaps: ReadonlyMap<string, ManifestGaps>;
}

const MAX_PLACES = 100;
const NO_GAPS: ManifestGaps = { notUnderstood: [], notUnderstoodCount: 0, lookedFor: [] };

/** What a list of packages rests on, in words and in fields. */
export function coverageOf(facts: CoverageFacts): EnvironmentCoverage {
  const gapsOf = (digest: string | null): ManifestGaps => (digest === null ? null : facts.gaps.get(digest)) ?? NO_GAPS;
  const files = facts.packageFiles.map((file) => sourceOfFile(file, facts.environmentDigest));
  const images = facts.images.map((image) => sourceOfImage(image, gapsOf(image.environmentDigest)));
  const places = [
    ...gapsOf(facts.environmentDigest).notUnderstood.map((place) => ({ source: place.place, ...place })),
    ...facts.images.flatMap(({ image, environmentDigest }) =>
      gapsOf(environmentDigest).notUnderstood.map((place) => ({ source: image, ...place })),
    ),
  ];
  const counts = [facts.environmentDigest, ...facts.images.map(({ environmentDigest }) => environmentDigest)];
  const notUnderstoodCount = counts.reduce((sum, digest) => sum + gapsOf(digest).notUnderstoodCount, 0);
  const sources = [...files, ...images];
  const isComplete = images.length > 0 && sources.every(({ state }) => state === 'read') && notUnderstoodCount === 0;
  return {
    isComplete,
    statement: statementOf({ hasImage: facts.hasImage, files, images, isComplete, notUnderstoodCount }),
    sources,
    notUnderstood: places.slice(0, MAX_PLACES),
    notUnderstoodCount,
  };
}

function sourceOfFile(file: PackageFile, environmentDigest: string | null): CoverageSource {
  return {
    kind: 'package-file',
    name: file.path,
    platform: null,
    state: file.format === null ? 'not-understood' : file.message === null ? 'read' : 'partly-read',
    environmentDigest: file.format === null ? null : environmentDigest,
    packageCount: file.packageCount,
    lookedFor: [],
    asks: [],
    message: file.message,
  };
}

function sourceOfImage(image: ImageEnvironment, gaps: ManifestGaps): CoverageSource {
  const { image: name, platform, environmentDigest, packageCount, demands, failure } = image;
  const unread = gaps.notUnderstoodCount;
  const message =
    environmentDigest === null
      ? (failure ?? 'it is not read yet')
      : unread === 0
        ? null
        : `${counted(unread, 'place')} in it that should name packages not understood`;
  return {
    kind: 'image',
    name,
    platform,
    state:
      environmentDigest === null
        ? failure === null
          ? 'pending'
          : 'not-understood'
        : unread === 0
          ? 'read'
          : 'partly-read',
    environmentDigest,
    packageCount,
    lookedFor: [...gaps.lookedFor],
    asks: demands === null ? [] : describeNeeds(needsOfDemands(demands)),
    message,
  };
}

interface Findings {
  readonly hasImage: boolean;
  readonly files: readonly CoverageSource[];
  readonly images: readonly CoverageSource[];
  readonly isComplete: boolean;
  readonly notUnderstoodCount: number;
}

const ABSENCE = 'What is not listed may still be in the environment';

function statementOf({ hasImage, files, images, isComplete, notUnderstoodCount }: Findings): string {
  if (isComplete) {
    return 'The image was read, and every place in it that names packages was understood. What was installed without a package manager is not listed.';
  }
  const reasons = [
    !hasImage && 'there is no image to look into, only what the package files name is known',
    hasImage && images.length === 0 && 'the image is not held here',
    images.some(({ state }) => state === 'pending') && 'the image is not read yet',
    images.some(({ state }) => state === 'not-understood') && 'the image could not be read',
    files.some(({ state }) => state === 'not-understood') &&
      `${counted(files.filter(({ state }) => state === 'not-understood').length, 'deposited file')} not understood`,
    notUnderstoodCount > 0 && `${counted(notUnderstoodCount, 'place')} that should name packages not understood`,
    files.some(({ state }) => state === 'partly-read') &&
      notUnderstoodCount === 0 &&
      'some files were understood only in part',
  ].filter((reason) => reason !== false);
  return `${ABSENCE}: ${reasons.join('; ')}.`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
