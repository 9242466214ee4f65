import type { VersionRow } from '@envarium/records';
import type { Resolution, Route } from '@envarium/schema';

export type Attempt = Resolution['attempts'][number];

/** A route as its source knows it; which platform fits the asker is not the source's to say. */
export type FoundRoute = Omit<Route, 'platform'>;

/** What one source says of a version: a route, or why there is none. Both are shown. */
export type SourceAnswer = { readonly route: FoundRoute } | { readonly attempt: Attempt };

/** One way to obtain an environment. All sources are asked, and all answers kept; the list is in `sources.ts`. */
export interface ResolutionSource {
  readonly name: string;
  detect(version: VersionRow): Promise<readonly SourceAnswer[]>;
}
