import type { VersionRow } from '@envarium/records';
import type { Resolution, Route } from '@envarium/schema';

export type Attempt = Resolution['attempts'][number];

/** What one source says of a version: a route, or why there is none. Both are shown. */
export type SourceAnswer = { readonly route: Route } | { readonly attempt: Attempt };

/** One way to obtain an environment. All sources are asked, and all answers kept; the list is in `resolution.service.ts`. */
export interface ResolutionSource {
  readonly name: string;
  detect(version: VersionRow): Promise<SourceAnswer>;
}
