import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import type { JobContext, JobEnd, RunningJob } from '@envarium/jobs';
import { ProvenanceService } from '@envarium/provenance';
import { RecordsService, type VersionRow } from '@envarium/records';
import { type ArchivedClosure, Grade } from '@envarium/schema';
import { type LoadedRecipe, RecipesService } from './recipes.service.js';
import { ReplayerService } from './replayer.service.js';
import { type SignedVerdict, VerdictsService } from './verdicts.service.js';

export interface Proof {
  readonly version: VersionRow;
  readonly recipe: LoadedRecipe;
  readonly closure: ArchivedClosure;
  readonly directory: string;
  /** How many rebuilds; more than one is a rehearsal. */
  readonly count: number;
}

/** Down to this grade a rebuild is the environment that was asked for. */
const GOOD_ENOUGH: Grade = 'same-packages';

/** Rebuilds from a closure, with the network off, each with a receipt. */
@Injectable()
export class RebuildsService {
  constructor(
    private readonly records: RecordsService,
    private readonly provenance: ProvenanceService,
    private readonly recipes: RecipesService,
    private readonly replayer: ReplayerService,
    private readonly verdicts: VerdictsService,
  ) {}

  /** @throws ArchiveError CLOSURE_UNKNOWN, CLOSURE_INCOMPLETE, BUILD_FAILED */
  async rebuild(job: RunningJob, context: JobContext, directory: string): Promise<JobEnd> {
    await context.step('locating');
    const version = await this.records.requireVersion(job.principal, job.reference);
    const proof = { ...(await this.newest(version, job.reference)), version, directory, count: 1 };
    return await this.prove(proof, job, context);
  }

  /** The newest closure of a version with its recipe. @throws ArchiveError CLOSURE_UNKNOWN, RECIPE_UNKNOWN */
  async newest(version: VersionRow, reference: string): Promise<{ recipe: LoadedRecipe; closure: ArchivedClosure }> {
    const closure = await this.provenance.latestClosure(version.id);
    if (closure === null) throw new ArchiveError('CLOSURE_UNKNOWN', { reference });
    const recipe = await this.provenance.recipeByDigest(closure.document.recipeDigest);
    if (recipe === null) throw new ArchiveError('RECIPE_UNKNOWN', { reference });
    return { closure, recipe: await this.recipes.load(recipe) };
  }

  /** One rebuild or a rehearsal, as the end of a job. */
  async prove(proof: Proof, job: RunningJob, context: JobContext): Promise<JobEnd> {
    return endOf(await this.signed(proof, job, context), proof.closure);
  }

  /** Rebuilds, compares and signs so often. */
  async signed(proof: Proof, job: RunningJob, context: JobContext): Promise<SignedVerdict[]> {
    const { version, recipe, closure, directory, count } = proof;
    await context.step('checking-closure');
    const exchanges = await this.replayer.exchanges(closure, job.assisted);
    const signed: SignedVerdict[] = [];
    for (let attempt = 1; attempt <= count; attempt += 1) {
      const startedAt = new Date();
      await context.step('building');
      const place = path.join(directory, `rebuild-${attempt}`);
      await mkdir(place);
      const request = { recipe, closure, exchanges, isAssisted: job.assisted, directory: place };
      const replayed = await this.replayer.build(request, job, context);
      const previous = signed.at(-1)?.rebuilt.digest ?? null;
      const rehearsal = count === 1 ? null : { attempt, of: count, previous };
      signed.push(await this.verdicts.sign({ version, recipe, closure, replayed, rehearsal, startedAt }, job, context));
    }
    return signed;
  }
}

/** A rehearsal is as good as its worst rebuild. */
function endOf(signed: readonly SignedVerdict[], closure: ArchivedClosure): JobEnd {
  const worst = signed.toSorted((a, b) => rank(b.comparison.grade) - rank(a.comparison.grade))[0];
  if (worst === undefined) throw new TypeError('nothing was rebuilt');
  const { grade, summary } = worst.comparison;
  return {
    outcome: rank(grade) <= rank(GOOD_ENOUGH) ? 'ready' : 'diverged',
    result: {
      grade,
      summary,
      receipts: signed.map(({ receipt }) => receipt.id),
      artifacts: [closure.artifactDigest, ...new Set(signed.map(({ rebuilt }) => rebuilt.digest))],
    },
    problem: null,
  };
}

function rank(grade: Grade): number {
  return Grade.options.indexOf(grade);
}
