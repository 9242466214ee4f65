import { Injectable } from '@nestjs/common';
import type { VersionRow } from '@envarium/records';
import { Grade, type RouteReceipt } from '@envarium/schema';
import { type ClosureGap, ClosureGaps } from '../closure-gaps.js';
import { readableSize } from '../readable-size.js';
import { type RecordedClosure, RecordedClosures } from '../recorded-closures.js';
import { versionName } from '../version-name.js';
import type { Attempt, FoundRoute, ResolutionSource, SourceAnswer } from './source.js';

/** Blobs of a large gap that are named, so that an answer stays small; the explanation counts them all. */
const MAX_NAMED = 50;

/**
 * From the recorded closure: with the network off where every byte of it is here, with the network serving only the
 * missing bytes where each one's address and digest is known. The grade is that of the newest proof, never a guess.
 */
@Injectable()
export class RebuildSource implements ResolutionSource {
  readonly name = 'rebuild';

  constructor(
    private readonly closures: RecordedClosures,
    private readonly gaps: ClosureGaps,
  ) {}

  async detect(version: VersionRow): Promise<SourceAnswer[]> {
    const closures = await this.closures.of(version.id);
    const [newest] = closures;
    if (newest === undefined) return [this.none('no-closure', 'nothing was recorded for a rebuild of this version')];
    const complete = closures.filter(({ missing }) => missing.length === 0).map((each) => toRoute(version, each));
    const [best] = complete.toSorted((a, b) => rank(a.grade) - rank(b.grade));
    if (best !== undefined) return [{ route: best }];
    return await this.assist(version, closures, newest);
  }

  /** No closure is complete: the newest one whose gap can be filled is the next best. */
  private async assist(
    version: VersionRow,
    closures: readonly RecordedClosure[],
    newest: RecordedClosure,
  ): Promise<SourceAnswer[]> {
    for (const closure of closures) {
      const gap = await this.gaps.of(version.id, closure);
      if (gap.lost.length > 0) continue;
      return [this.incomplete(closure, gap), { route: toAssistedRoute(version, closure, gap) }];
    }
    const gap = await this.gaps.of(version.id, newest);
    return [this.incomplete(newest, gap), { attempt: noAssistance(gap) }];
  }

  private incomplete({ missing, fixity }: RecordedClosure, gap: ClosureGap): SourceAnswer {
    const reason = `${missing.length} of ${fixity.blobCount} blobs are damaged or missing here: ${nameMissing(gap)}`;
    return this.none('closure-incomplete', reason);
  }

  private none(outcome: string, reason: string): SourceAnswer {
    return { attempt: { source: this.name, outcome, reason } };
  }
}

function toRoute(version: VersionRow, closure: RecordedClosure): FoundRoute {
  const proof = proofOf(closure.receipts);
  return {
    kind: 'rebuild',
    grade: proof?.grade ?? 'unproven',
    isApproximate: false,
    explanation: `from ${describe(closure)}, with the network off; ${describeProof(closure.receipts, proof)}`,
    provenAt: proof?.createdAt ?? null,
    fixity: closure.fixity,
    receipts: [...closure.receipts],
    holders: [],
    pull: null,
    commands: [{ client: 'envarium', text: `envarium rebuild ${versionName(version)}` }],
  };
}

function toAssistedRoute(version: VersionRow, closure: RecordedClosure, { holders }: ClosureGap): FoundRoute {
  const size = holders.reduce((sum, holder) => sum + (holder.size ?? 0), 0);
  const blobs = holders.length === 1 ? 'one blob' : `${holders.length} blobs`;
  const hosts = [...new Set(holders.map(({ reference }) => hostOf(reference)))];
  const checked = holders.every(({ state }) => state === 'ok')
    ? 'which answered with the right bytes when last checked'
    : 'not all of which were checked since';
  return {
    kind: 'assisted-rebuild',
    grade: 'unproven',
    isApproximate: false,
    explanation:
      `from ${describe(closure)}; what is missing (${blobs}, ${readableSize(size)}) is fetched by known digest ` +
      `from ${listed(hosts)}, ${checked}; unproven until it is done, and the gap is then archived`,
    provenAt: null,
    fixity: { ...closure.fixity, damaged: closure.fixity.damaged.slice(0, MAX_NAMED) },
    receipts: [...closure.receipts],
    holders: holders.slice(0, MAX_NAMED),
    pull: null,
    commands: [{ client: 'envarium', text: `envarium rebuild ${versionName(version)} --assisted` }],
  };
}

function noAssistance({ lost }: ClosureGap): Attempt {
  const named = lost.slice(0, 3).map(({ digest, why }) => `${digest}, ${why}`);
  const reason = `${lost.length} of the missing blobs cannot be had again: ${named.join('; ')}`;
  return { source: 'assisted-rebuild', outcome: 'closure-incomplete', reason };
}

interface Proof {
  readonly grade: Grade;
  readonly createdAt: string;
}

/** The newest rebuild that was watched closely enough to be one. */
function proofOf(receipts: readonly RouteReceipt[]): Proof | null {
  for (const { isProof, outcome, createdAt } of receipts) {
    const grade = Grade.safeParse(outcome).data;
    if (isProof && grade !== undefined) return { grade, createdAt };
  }
  return null;
}

function describe({ document: { exchanges, contentSize, recordedAt } }: RecordedClosure): string {
  return `the closure recorded on ${recordedAt.slice(0, 10)} (${exchanges.count} exchanges, ${readableSize(contentSize)})`;
}

function describeProof(receipts: readonly RouteReceipt[], proof: Proof | null): string {
  if (proof !== null) return `rebuilt on ${proof.createdAt.slice(0, 10)}, and what came out was ${proof.grade}`;
  if (receipts.length === 0) return 'not rebuilt yet, so how exact it comes out is unproven';
  return 'rebuilt before, but not under conditions that prove anything';
}

function nameMissing({ holders, lost }: ClosureGap): string {
  const names = [...lost.map(({ digest }) => digest), ...holders.map(({ reference }) => reference)];
  return listed(names);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function rank(grade: Grade): number {
  return Grade.options.indexOf(grade);
}
