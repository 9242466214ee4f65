import type { FitReport, OtherHolder, Resolution, ResolvedEnvironment, Route } from '@envarium/schema';
import { formatSize } from './size.js';
import { fields } from './table.js';
import { day, versionName } from './version-text.js';

export interface AskedMachine {
  readonly architecture?: string;
  readonly isaLevel?: string;
  readonly kernel?: string;
}

/** Whether it fits comes first: a route that does not start is no route. */
export function resolutionLines(
  { routes, attempts, fit, summary }: Resolution,
  machine: AskedMachine,
  isThis: boolean,
): string[] {
  return [
    ...(fit === null ? [] : fitLines(fit, machine, isThis)),
    ...(routes.length === 0 ? [`No way back is known: ${summary}`] : []),
    ...routes.flatMap((route, index) => routeLines(route, index + 1)),
    ...attempts.map(({ source, outcome, reason }) => `Tried ${source}: ${outcome}: ${reason}`),
  ];
}

/** The environment of a claim, and who makes it. */
export function environmentLines(
  { version, claims, resolution }: ResolvedEnvironment,
  machine: AskedMachine,
  isThis: boolean,
): string[] {
  return [
    `${versionName(version)}  ${version.title}`,
    ...claims.map(
      ({ output, doi, status, assertedBy, assertedRole, assertedAt }) =>
        `  ${output} of ${doi}: ${status}, asserted by ${assertedBy} as ${assertedRole}, ${day(assertedAt)}`,
    ),
    ...resolutionLines(resolution, machine, isThis),
  ];
}

function routeLines(route: Route, rank: number): string[] {
  const { kind, grade, explanation, provenAt, fixity, platform } = route;
  const proof = provenAt === null ? 'not proven yet' : `proven ${day(provenAt)}`;
  const standing = route.isApproximate ? `${grade} (approximate)` : `${grade}, ${proof}`;
  // A Pod manifest is not for a line among others: `--for kubernetes` prints it.
  const commands = route.commands.filter(({ client }) => client !== 'kubernetes').map(({ text }) => text);
  return [
    `${rank}. ${kind}: ${standing}`,
    ...fields([
      ['why', explanation],
      ['bytes', fixity === null ? null : fixityText(fixity)],
      [
        'receipts',
        route.receipts.slice(0, 3).map(({ id, outcome, createdAt }) => `${id}  ${outcome}, ${day(createdAt)}`),
      ],
      ['from', route.holders.slice(0, 3).map(holderText)],
      ['for you', platform === null ? null : `${platform.name}  ${platform.digest}`],
      ['get it', commands],
    ]),
  ];
}

function fixityText({ blobCount, size, checkedAt, damaged }: NonNullable<Route['fixity']>): string {
  const checked = checkedAt === null ? 'not all read back yet' : `all read back since ${day(checkedAt)}`;
  const state =
    damaged.length === 0
      ? checked
      : `damaged or missing: ${damaged.slice(0, 3).join(', ')}${damaged.length > 3 ? ', ...' : ''}`;
  return `${blobCount} blobs, ${formatSize(size)}, ${state}`;
}

function holderText({ reference, state, detail, checkedAt }: OtherHolder): string {
  const checked = checkedAt === null ? 'never checked' : `${state} on ${day(checkedAt)}`;
  return `${reference}  ${checked}${detail === null ? '' : ` (${detail})`}`;
}

function fitLines(
  { willItStart, bitsMatch, gpu, virtualPackages }: FitReport,
  { architecture, isaLevel, kernel }: AskedMachine,
  isThis: boolean,
): string[] {
  const parts = [architecture, isaLevel, kernel === undefined ? undefined : `Linux ${kernel}`];
  return [
    `On ${isThis ? 'this' : 'such a'} machine (${parts.filter((part) => part !== undefined).join(', ') || 'unknown'}):`,
    ...fields([
      ['will it start?', [willItStart.verdict, ...willItStart.reasons]],
      ['GPU?', gpu.verdict === 'not-needed' ? null : [gpu.verdict, ...gpu.reasons]],
      ['same numbers?', [bitsMatch.verdict, ...bitsMatch.reasons]],
      ['for conda', virtualPackages.length === 0 ? null : virtualPackages.join(' ')],
    ]),
  ];
}
