import type { DiffSide, EnvironmentDiff, FactDiff, PackageDiff } from '@envarium/schema';
import { changesNumbers } from './numerical.js';

/** Names that fit into a sentence; the rest is counted. */
const NAMED = 8;

/** The differences in words: first what an editor must know, then how much there is, then what nobody knows. */
export function diffSummary(diff: Omit<EnvironmentDiff, 'summary'>): string[] {
  const { from, to, packages, numerics, runtimes, systems, baseImages, variables, hardware } = diff;
  const numerical = packages.filter((each) => each.isNumerical && each.change !== 'undetermined');
  return [
    imageSentence(diff),
    ...numerics.map(numericSentence),
    ...numerical.map((each) => `${packageSentence(each)} It computes: the last digits of results may differ.`),
    ...variables
      .filter(({ what }) => changesNumbers(what))
      .map((each) => `${factSentence(each)} It can change numbers.`),
    ...[...runtimes, ...systems, ...baseImages].map(factSentence),
    ...hardware.map(factSentence),
    ...packageSentences(diff),
    ...caveats(from, to, diff),
  ];
}

function imageSentence({ from, to, isSameImage }: Omit<EnvironmentDiff, 'summary'>): string {
  if (isSameImage === true) return `The image is the same, byte for byte (${from.imageDigest}).`;
  if (isSameImage === false) return 'The images differ.';
  if (from.imageDigest === null && to.imageDigest === null) return 'Neither has an image.';
  return `Only ${from.imageDigest === null ? to.name : from.name} has an image.`;
}

function packageSentences({ packages, packageCounts, from, to }: Omit<EnvironmentDiff, 'summary'>): string[] {
  if (!from.hasEnvironment || !to.hasEnvironment) return [];
  if (packages.length === 0) {
    return [`No package differs: ${count(packageCounts.equal, 'package')} equal, version by version.`];
  }
  const of = (...changes: PackageDiff['change'][]): PackageDiff[] =>
    packages.filter(({ change }) => changes.includes(change));
  const groups: (readonly [PackageDiff[], string])[] = [
    [of('newer', 'older', 'changed'), 'in another version'],
    [of('build'), 'in the same version, built otherwise'],
    [of('added'), `named in ${to.name} only`],
    [of('removed'), `named in ${from.name} only`],
    [of('undetermined'), 'not comparable, as a version is not known'],
  ];
  return [
    ...groups.flatMap(([group, what]) =>
      group.length === 0 ? [] : [`${count(group.length, 'package')} ${what}: ${names(group)}.`],
    ),
    `${count(packageCounts.equal, 'package')} equal.`,
  ];
}

function names(packages: readonly PackageDiff[]): string {
  const shown = packages.slice(0, NAMED).map(({ name, from, to, change }) => {
    if (change === 'added') return `${name} ${to.join(', ')}`;
    if (change === 'removed') return `${name} ${from.join(', ')}`;
    return `${name} (${from.join(', ')} → ${to.join(', ')})`;
  });
  return packages.length > NAMED ? `${shown.join('; ')}; and ${packages.length - NAMED} more` : shown.join('; ');
}

function packageSentence({ name, change, from, to }: PackageDiff): string {
  if (change === 'added') return `${name} ${to.join(', ')} was added.`;
  if (change === 'removed') return `${name} ${from.join(', ')} is no longer named.`;
  return `${name} ${from.join(', ')} became ${to.join(', ')}.`;
}

function factSentence({ what, scope, from, to }: FactDiff): string {
  const where = scope === null || scope === 'language' ? what : `${what} (${scope})`;
  if (from.length === 0) return `${where}: ${to.join(', ')} is named in the second only.`;
  if (to.length === 0) return `${where}: ${from.join(', ')} is named in the first only.`;
  return `${where}: ${from.join(', ')} became ${to.join(', ')}.`;
}

/** With the files that say so: it is seen on few machines, and people ask where. */
function numericSentence(fact: FactDiff): string {
  const files = new Set([...fact.fromEvidence, ...fact.toEvidence].map(({ file }) => file));
  const sentence = `${factSentence(fact).slice(0, -1)} (${[...files].join(', ')}).`;
  const isOneSided = fact.from.length === 0 || fact.to.length === 0;
  return isOneSided ? sentence : `${sentence} The last digits of results may differ.`;
}

/** What is not known is not equal. */
function caveats(from: DiffSide, to: DiffSide, { hardware }: Pick<EnvironmentDiff, 'hardware'>): string[] {
  const sides = [from, to];
  const machines = sides.filter(({ hasHardware }) => !hasHardware).map(({ name }) => name);
  return [
    ...sides
      .filter(({ hasEnvironment }) => !hasEnvironment)
      .map(({ name }) => `Nothing is known of the packages of ${name}: they were not compared.`),
    ...numericCaveat(sides),
    ...(machines.length > 0
      ? [`Nothing is known of the machine of ${machines.join(' and ')}: machines were not compared.`]
      : []),
    ...(machines.length === 0 && hardware.length === 0 ? ['The machines are equal in what was recorded.'] : []),
    ...sides
      .filter(({ notUnderstoodCount }) => notUnderstoodCount > 0)
      .map(
        ({ name, notUnderstoodCount }) =>
          `${count(notUnderstoodCount, 'place')} of ${name} could not be read, and may hide packages.`,
      ),
  ];
}

/** Where neither side saw any, nobody expects them to be compared. */
function numericCaveat(sides: readonly DiffSide[]): string[] {
  if (!sides.some(({ hasNumerics }) => hasNumerics)) return [];
  return sides
    .filter(({ hasEnvironment, hasNumerics }) => hasEnvironment && !hasNumerics)
    .map(({ name }) => `Nothing is known of the numeric libraries that ${name} had loaded: they were not compared.`);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
