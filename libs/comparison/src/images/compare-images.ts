import type { DifferenceClass, ImageComparison } from '@envarium/schema';
import { compareFiles, isNoise } from './file-differences.js';
import type { FileListing } from './file-listing.js';
import { noisePolicyName } from './noise-policy.js';
import { comparePackages, type PackageComparison } from './package-differences.js';
import { describeConfigDifferences } from './run-config.js';
import { counted } from './words.js';

/** More than any two releases of a distribution have in an image; a comparison becomes part of a signed statement. */
const MAX_PACKAGES = 5000;

type Rung = Pick<ImageComparison, 'level' | 'grade' | 'summary'>;

/**
 * How far two images are the same, on the ladder of grades: the first rung that holds is the grade. Files and the settings of
 * a container are two statements; where the files are the same and the settings are not, the summary says so.
 */
export function compareImages(before: FileListing, after: FileListing): ImageComparison {
  const differences = compareFiles(before.entries, after.entries);
  const configDifferences = describeConfigDifferences(before.runConfig, after.runConfig);
  const packages = comparePackages(before, after);
  const rung = highestRung(before, after, { differences, configDifferences, packages });
  return {
    ...rung,
    before: before.imageDigest,
    after: after.imageDigest,
    noisePolicy: noisePolicyName(),
    differences,
    configDifferences,
    packages: packages.differences.slice(0, MAX_PACKAGES),
  };
}

interface Findings {
  readonly differences: readonly DifferenceClass[];
  readonly configDifferences: readonly string[];
  readonly packages: PackageComparison;
}

function highestRung(before: FileListing, after: FileListing, findings: Findings): Rung {
  const { differences, configDifferences, packages } = findings;
  if (before.imageDigest === after.imageDigest) {
    return { level: 0, grade: 'identical', summary: 'The same image: both have the same image manifest digest.' };
  }
  if (haveSameLayers(before, after) && configDifferences.length === 0) {
    return { level: 1, grade: 'same-content', summary: sameContent(before, after) };
  }

  const settings = settingsClause(configDifferences);
  if (differences.length === 0) {
    const summary = `Every file is the same, with its modification time${settings}.`;
    return { level: 2, grade: 'same-files', summary };
  }
  if (!differences.some((found) => found.isMaterial || isNoise(found))) {
    const summary = `Every file is the same; ${timesClause(differences)}${settings}.`;
    return { level: 3, grade: 'same-files', summary };
  }
  if (!differences.some(({ isMaterial }) => isMaterial)) {
    const summary = `Every file is the same but for noise (${noiseClause(differences)})${settings}.`;
    return { level: 4, grade: 'same-files-but-noise', summary };
  }
  return packageRung(packages, `${filesClause(differences)}${settings}.`);
}

function packageRung({ same, different, unread, differences }: PackageComparison, rest: string): Rung {
  const doubt = `${unreadSentence(unread)}${cutSentence(differences.length)}`;
  const [equal, unequal] = [same.join(', '), different.join(', ')];
  if (same.length > 0 && different.length === 0 && unread.length === 0) {
    return { level: 5, grade: 'same-packages', summary: `The same packages and versions (${equal}), but ${rest}` };
  }
  if (same.length > 0) {
    const others = different.length === 0 ? '' : ` those of ${unequal} differ,`;
    return {
      level: 6,
      grade: 'partial',
      summary: `The packages of ${equal} are the same,${others} and ${rest}${doubt}`,
    };
  }
  const packages = differences.length === 0 ? '' : `${counted(differences.length, 'package')} and `;
  return { level: 7, grade: 'differs', summary: `The images differ: ${packages}${rest}${doubt}` };
}

function unreadSentence(unread: readonly string[]): string {
  if (unread.length === 0) return '';
  const rest = unread.length - 1;
  return ` Packages in ${unread[0]}${rest === 0 ? '' : ` and ${counted(rest, 'other place')}`} could not be read.`;
}

function cutSentence(count: number): string {
  return count > MAX_PACKAGES ? ` Of ${count} differences of packages the first ${MAX_PACKAGES} are listed.` : '';
}

function haveSameLayers({ diffIds: before }: FileListing, { diffIds: after }: FileListing): boolean {
  return before.length === after.length && before.every((diffId, index) => diffId === after[index]);
}

function sameContent(before: FileListing, after: FileListing): string {
  const difference =
    before.configDigest === after.configDigest
      ? 'only how the layers are compressed, or the annotations of the image manifest, differ'
      : 'the config differs only in what does not matter for running, such as dates, history and labels';
  return `Every layer is the same once unpacked, and so are the settings of the container; ${difference}.`;
}

function settingsClause(configDifferences: readonly string[]): string {
  if (configDifferences.length === 0) return '';
  return `, but containers are started differently (${counted(configDifferences.length, 'setting')})`;
}

function timesClause(differences: readonly DifferenceClass[]): string {
  const count = differences.reduce((sum, found) => sum + found.count, 0);
  return `${counted(count, 'modification time')} ${count === 1 ? 'differs' : 'differ'}`;
}

function noiseClause(differences: readonly DifferenceClass[]): string {
  const noise = differences.filter(isNoise).map(({ name, count }) => `${name.slice('noise:'.length)}: ${count}`);
  const times = differences.filter((found) => !isNoise(found));
  return [...noise, ...(times.length === 0 ? [] : [timesClause(times)])].join(', ');
}

function filesClause(differences: readonly DifferenceClass[]): string {
  const classes = differences.filter(({ isMaterial }) => isMaterial).map(({ name, count }) => `${name}: ${count}`);
  return `files differ (${classes.join(', ')})`;
}
