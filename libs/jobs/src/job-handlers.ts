import type { Principal } from '@envarium/access';
import type { RepositoryRef } from '@envarium/registry';
import type {
  JobKind,
  JobLogLine,
  JobOutcome,
  JobProblem,
  JobProgress,
  JobResult,
  JobStep,
  OutputTolerance,
  RecipeToolchain,
} from '@envarium/schema';

/** A job in the hands of this process. */
export interface RunningJob {
  readonly id: string;
  readonly kind: JobKind;
  /** 1 for the first; what earlier attempts have stored may be there already. */
  readonly attempts: number;
  readonly versionId: bigint;
  readonly version: number;
  readonly recordId: string;
  /** As in lab/eeg@v1. */
  readonly reference: string;
  readonly imageDigest: string | null;
  readonly repository: RepositoryRef;
  /** Of the run to repeat; only of a re-run. */
  readonly runId: string | null;
  readonly tolerance: OutputTolerance | null;
  /** Missing bytes of the closure may be fetched; only of a rebuild. */
  readonly assisted: boolean;
  /** What a generated recipe starts from; only of a rehearsal. */
  readonly base: string | null;
  /** The files that lock files name for other platforms are recorded too; only of a rehearsal. */
  readonly complete: boolean;
  readonly toolchain: RecipeToolchain;
  /** Who asked for it, with the rights of now. */
  readonly principal: Principal;
  readonly createdBy: string;
}

export interface JobContext {
  /** Aborted when the job was cancelled, is another's, or this process stops: then end soon, by throwing. */
  readonly signal: AbortSignal;
  /** @throws JobLost */
  readonly step: (step: JobStep) => Promise<void>;
  /** Costs nothing: what was said last is written down about once a second. */
  readonly progress: (progress: JobProgress) => void;
  /** Adds to the log, in order, soon. */
  readonly line: (stream: JobLogLine['stream'], text: string) => void;
}

export interface JobEnd {
  readonly outcome: JobOutcome;
  readonly result: JobResult | null;
  readonly problem: JobProblem | null;
}

/**
 * Does the work of one kind of job. It may be begun again from the start at any point, in another process, and must then
 * come to the same end. An ArchiveError that it throws becomes the outcome that `outcomeOf` says; a temporary one is tried
 * again later.
 */
export type JobHandler = (job: RunningJob, context: JobContext) => Promise<JobEnd>;

/** Who works on which kind. Without a handler for a kind, a process leaves jobs of that kind to others. */
export class JobHandlers {
  private readonly handlers = new Map<JobKind, JobHandler>();

  add(kind: JobKind, handler: JobHandler): void {
    this.handlers.set(kind, handler);
  }

  get kinds(): readonly JobKind[] {
    return [...this.handlers.keys()];
  }

  /** @throws TypeError for a kind that nobody added */
  of(kind: JobKind): JobHandler {
    const handler = this.handlers.get(kind);
    if (handler === undefined) throw new TypeError(`no handler for jobs of the kind ${kind}`);
    return handler;
  }
}
