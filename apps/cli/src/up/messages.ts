import type { Failure } from '../failure.js';

/** What the processes of one installation tell the launcher. Narrowed by hand: the launcher loads no libraries. */

export interface PostgresProcess {
  readonly pid: number;
  /** Its postmaster.pid, by which a later process of the same number is told apart. */
  readonly pidFile: string;
}

/** Of the processes to be started: ours, with the database in it. */
export type ServiceEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * What the database is prepared for: the service, the same again because PostgreSQL died (the lock is held already), or
 * work on the database alone, for which no port need be free.
 */
export type Purpose = 'service' | 'service again' | 'database';

export type PreparationMessage =
  | { readonly type: 'step'; readonly text: string }
  | { readonly type: 'locked'; readonly lock: string; readonly dataDir: string }
  | { readonly type: 'postgres'; readonly postgres: PostgresProcess }
  | { readonly type: 'prepared'; readonly environment: ServiceEnvironment }
  | { readonly type: 'failed'; readonly failure: Failure };

/** Of the server, when it serves requests. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly url: string;
  readonly adminToken: string | null;
}

/** Both ends are this program, so the shape is known once the type is. */
export function isPreparationMessage(value: unknown): value is PreparationMessage {
  return isMessage(value) && ['step', 'locked', 'postgres', 'prepared', 'failed'].includes(value.type);
}

export function isReadyMessage(value: unknown): value is ReadyMessage {
  if (!isMessage(value) || value.type !== 'ready') return false;
  if (!('url' in value) || typeof value.url !== 'string' || !('adminToken' in value)) return false;
  return value.adminToken === null || typeof value.adminToken === 'string';
}

function isMessage(value: unknown): value is { type: string } {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
