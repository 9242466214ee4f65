import type {
  ContentUse,
  MachineUse,
  PackageAnswer,
  PackageUse,
  PackageUseSummary,
  UseCount,
  UsedOutput,
  UsedPackage,
} from '@envarium/schema';
import { fields } from './table.js';
import { count, hardwareText, versionName } from './version-text.js';

type Hit = Pick<PackageUse, 'version' | 'outputs'>;

export function packageUseLines(use: PackageUse): string[] {
  return hitLines(use, [['used', use.packages.map(packageText)]]);
}

export function machineUseLines(use: MachineUse): string[] {
  const microarchitecture = use.microarchitecture === null ? '' : `${use.microarchitecture}: `;
  return hitLines(use, [['ran on', [`${microarchitecture}${hardwareText(use.version.hardware)}`]]]);
}

export function contentUseLines(use: ContentUse): string[] {
  return hitLines(use, [
    ['shares', use.shares.map(({ part, path }) => `as ${part.replaceAll('-', ' ')}${path === null ? '' : ` ${path}`}`)],
  ]);
}

/** What the answers are worth: what is not known is said beside what is. */
export function summaryLines(summary: PackageUseSummary, answer: PackageAnswer): string[] {
  const { ecosystem, name, range, rules, uses, undecidable, unknown } = summary;
  const asked = range === '*' ? `${name} (${ecosystem})` : `${name} ${range} (${ecosystem}, by the rules of ${rules})`;
  return [
    `${asked}: ${countText(uses)} of records used it.`,
    ...(undecidable.count > 0 && answer !== 'undecidable'
      ? [`Undecidable: ${countText(undecidable)} have it in a version that these rules cannot read (--undecidable).`]
      : []),
    ...(unknown.count > 0 && answer !== 'unknown'
      ? [`Unknown: ${countText(unknown)} asked for it, and no version is known (--unknown).`]
      : []),
    'Environments that were not understood, or only partly, may hold it as well.',
  ];
}

function hitLines({ version, outputs }: Hit, evidence: [string, string[]][]): string[] {
  return [`${versionName(version)}  ${version.title}`, ...fields([...evidence, ['made', outputs.map(outputText)]])];
}

function packageText({ version, build, specifier, scope, standing, evidence }: UsedPackage): string {
  const what =
    version === null ? `asked for ${specifier || 'any version'}` : `${version}${build === '' ? '' : ` ${build}`}`;
  const line = evidence?.line === null || evidence === null ? '' : `:${evidence.line}`;
  return `${what}, ${standing} in the ${scope} scope${evidence === null ? '' : ` (${evidence.file}${line})`}`;
}

function outputText({ article, output }: UsedOutput): string {
  return `${output.label} of ${article.title ?? 'the article'} ${article.url}`;
}

function countText({ count: number, isAtLeast }: UseCount): string {
  return `${isAtLeast ? 'at least ' : ''}${count(number, 'version')}`;
}
