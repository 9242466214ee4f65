import {
  GRADE_MEANING,
  type ImageComparison,
  type IsolationEvidence,
  type RebuildPredicate,
  type RerunPredicate,
} from '@envarium/schema';
import { printable } from './printable.js';
import { fields, table } from './table.js';

const DIFFERENCES_SHOWN = 20;

const NETWORK = {
  off: 'off',
  replay: 'off but for the recording',
  record: 'on, recorded',
} as const satisfies Record<IsolationEvidence['network'], string>;

const CANARY = {
  refused: 'tested from inside',
  reached: 'BUT THE OUTSIDE WAS REACHED',
  'not-tried': 'not tested',
} as const satisfies Record<IsolationEvidence['canary'], string>;

type Claim =
  | { readonly kind: 'rebuild'; readonly predicate: RebuildPredicate }
  | { readonly kind: 'rerun'; readonly predicate: RerunPredicate };

/** What a receipt says. Names in it come out of images and runs of strangers. */
export function claimLines(claim: Claim): string[] {
  return (claim.kind === 'rebuild' ? rebuildLines(claim.predicate) : rerunLines(claim.predicate)).map(printable);
}

function rebuildLines(predicate: RebuildPredicate): string[] {
  const { about, rebuilt, grade, comparison, rehearsal, builder, isolation, replay } = predicate;
  return [
    ...fields([
      ['rebuilt', `${about.recordId}@v${about.version}`],
      ['grade', `${grade}: ${GRADE_MEANING[grade]}`],
      ['archived', comparison.before],
      ['rebuild', rebuilt.digest],
      ['compared', `${comparison.summary} (noise policy ${comparison.noisePolicy})`],
      ['differences', differenceLines(comparison)],
      ['rehearsal', rehearsal === null ? null : `${rehearsal.attempt} of ${rehearsal.of}`],
      ['builder', `${builder.name} ${builder.version}${builder.runtime === null ? '' : `, ${builder.runtime}`}`],
      ...isolationFields(isolation),
      ['replayed', `${replay.hits} answers from the closure, ${replay.misses.length} missing`],
      ['time', `${predicate.startedAt} to ${predicate.finishedAt}`],
    ]),
  ];
}

function rerunLines(predicate: RerunPredicate): string[] {
  const { about, runId, command, verdict, exitCode, outputs, route, isolation, pins } = predicate;
  const rows = outputs.map((output) => [`  ${output.name}`, output.verdict, output.how, output.detail]);
  return [
    ...fields([
      ['repeated', `run ${runId} of ${about.recordId}@v${about.version}`],
      ['command', command],
      ['verdict', `${verdict}${exitCode === null ? '' : `, exit code ${exitCode}`}`],
      ['environment', `${predicate.imageDigest}, by ${route}`],
      ['pinned', Object.entries(pins).map(([name, value]) => `${name}=${value}`)],
      ...isolationFields(isolation),
      ['time', `${predicate.startedAt} to ${predicate.finishedAt}`],
    ]),
    ...(rows.length === 0 ? [] : table(['  output', 'verdict', 'compared by', 'largest difference'], rows)),
  ];
}

function isolationFields({ executor, network, canary, clock }: IsolationEvidence): [string, string | null][] {
  return [
    ['network', `${NETWORK[network]}, ${CANARY[canary]} (${executor})`],
    ['clock', clock.pinnedTo],
  ];
}

function differenceLines({ differences, configDifferences, packages }: ImageComparison): string[] {
  const lines = [
    ...differences.map(
      ({ name, count, paths, isMaterial }) =>
        `${name}: ${count}${isMaterial ? '' : ' (not material)'}${paths.length === 0 ? '' : `, as in ${paths[0] ?? ''}`}`,
    ),
    ...configDifferences.map((difference) => `config: ${difference}`),
    ...packages.map(({ text }) => `package: ${text}`),
  ];
  const more = lines.length - DIFFERENCES_SHOWN;
  return more > 0 ? [...lines.slice(0, DIFFERENCES_SHOWN), `and ${more} more; --json has all that is signed`] : lines;
}
