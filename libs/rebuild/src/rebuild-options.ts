import type { RenderOptions } from '@envarium/recipes';
import type { ClusterSettings, Limits } from '@envarium/sandbox';

/** Injection token of `RebuildOptions`. */
export const REBUILD_OPTIONS = Symbol('REBUILD_OPTIONS');

export interface RebuildOptions {
  /** Where jobs have their disk space. */
  readonly workDirectory: string;
  /** Jobs of this cluster are preferred to this machine; null: there is none. */
  readonly kubernetes: ClusterSettings | null;
  /** Of each build and each run. */
  readonly limits: Limits;
  /** Image that recipes made from package files start from, when the request names none. */
  readonly recipeBase: string | null;
  /** Where generated recipes get what Debian does not have. */
  readonly sources: Pick<RenderOptions, 'micromamba' | 'julia' | 'rRepository'>;
  /** Hosts beyond the public Internet that a recording may reach. */
  readonly outboundAllow: readonly string[];
  readonly userAgent: string;
}
