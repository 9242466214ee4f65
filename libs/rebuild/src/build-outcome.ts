import { ArchiveError } from '@envarium/errors';
import type { BuildOutcome, EndedBy, LayoutImage } from '@envarium/sandbox';
import type { BuildLog } from './build-log.js';

/**
 * @throws ArchiveError BUILD_FAILED with why it ended and what it printed last
 */
export function requireImage(
  outcome: BuildOutcome,
  log: BuildLog,
  detail: Readonly<Record<string, unknown>>,
): LayoutImage {
  if (outcome.image !== null) return outcome.image;
  const { exitCode, endedBy } = outcome;
  throw new ArchiveError('BUILD_FAILED', { ...detail, reason: endedBy, exitCode, lines: [...log.tail] });
}

/** What stopped a program that did not stop by itself, in words. */
export const ENDED_BY: Readonly<Record<EndedBy, string>> = {
  itself: 'ended by itself',
  wall: 'was stopped: it took longer than it may',
  memory: 'was stopped: it wanted more memory than it may use',
  processes: 'was stopped: it began more processes than it may',
  disk: 'was stopped: it wrote more than it may',
  log: 'was stopped: it printed more than it may',
  cancelled: 'was cancelled',
};
