import { ArchiveError } from '@envarium/errors';
import { type CellProcess, startCell } from './cell-process.js';
import type { CellEvent, CellPlan } from './cell/plan.js';
import type { ControlGroup } from './control-group.js';
import type { Canary, EndedBy, EventSink, Limits, Usage } from './executor.js';
import { JobLog } from './job-log.js';

export interface CellResult {
  readonly exitCode: number | null;
  readonly endedBy: EndedBy;
  readonly usage: Usage;
  readonly canary: Canary | null;
}

/** Runs a job to its end or to its first limit. @throws ArchiveError EXECUTOR_UNAVAILABLE */
export async function watchCell(
  plan: CellPlan,
  limits: Limits,
  group: ControlGroup,
  sink: EventSink,
  signal: AbortSignal,
): Promise<CellResult> {
  const state = new CellState();
  const log = new JobLog(
    {
      line: (stream, text) => {
        state.read(text);
        sink.line(stream, text);
      },
    },
    limits.logBytes,
  );
  const begun = performance.now();
  let cell: CellProcess | null = null;
  const end = (reason: EndedBy): void => {
    state.endedBy ??= reason;
    cell?.kill();
  };
  const cancel = (): void => end('cancelled');
  const alarm = setTimeout(() => end('wall'), limits.wallSeconds * 1000);
  signal.addEventListener('abort', cancel);
  try {
    if (signal.aborted) state.endedBy = 'cancelled';
    else {
      cell = startCell(plan, {
        output: (stream, chunk) => {
          log.write(stream, chunk);
          if (log.isTooLong) end('log');
        },
        event: (event) => {
          state.take(event);
          if (event.kind === 'note') sink.line('note', event.text);
          if (event.kind === 'limit') end(event.name);
        },
      });
      await cell.ended;
      log.end();
    }
  } catch (error) {
    throw new ArchiveError(
      'EXECUTOR_UNAVAILABLE',
      { reason: 'a process of its own could not be started' },
      { cause: error },
    );
  } finally {
    clearTimeout(alarm);
    signal.removeEventListener('abort', cancel);
  }
  return state.result({ wallMs: Math.round(performance.now() - begun), ...group.usage() });
}

/** What the program around the job has told so far. */
class CellState {
  endedBy: EndedBy | undefined;
  private canary: Canary | null = null;
  private hasNoSpace = false;
  private last: Extract<CellEvent, { kind: 'end' | 'failed' }> | null = null;

  take(event: CellEvent): void {
    if (event.kind === 'canary') this.canary = { attempts: event.attempts };
    if (event.kind === 'end' || event.kind === 'failed') this.last = event;
  }

  /** A builder that cannot write an image takes back what it wrote: only its words are left. */
  read(line: string): void {
    this.hasNoSpace ||= /no space left on device/i.test(line);
  }

  result(usage: Usage): CellResult {
    const { endedBy, canary, last } = this;
    if (endedBy !== undefined) return { exitCode: null, endedBy, usage, canary };
    if (last?.kind !== 'end')
      throw new ArchiveError('EXECUTOR_UNAVAILABLE', {
        reason: last?.reason ?? 'the program around the job ended early',
      });
    if (last.exitCode !== 0 && this.hasNoSpace) return { exitCode: null, endedBy: 'disk', usage, canary };
    return { exitCode: last.exitCode, endedBy: 'itself', usage, canary };
  }
}
