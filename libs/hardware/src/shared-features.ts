import type { HardwareFingerprint, HardwareSource, StringListFact } from '@envarium/schema';
import { derived, reported } from './facts.js';
import { listed } from './listed.js';

export interface SharedFeatures {
  readonly features: StringListFact | null;
  readonly problems: HardwareFingerprint['problems'];
}

/**
 * What every core has, since a program may be scheduled on any of them. What only some have is named in a problem.
 * @param lists one list of flags for each kind of core
 */
export function sharedFeatures(source: HardwareSource, lists: readonly (readonly string[])[]): SharedFeatures {
  const [first, ...others] = lists.map((list) => new Set(list.filter((feature) => feature !== '')));
  if (first === undefined || first.size === 0) return { features: null, problems: [] };
  const all = new Set([...first, ...others.flatMap((list) => [...list])]);
  const shared = new Set([...first].filter((feature) => others.every((list) => list.has(feature))));
  const features = [...shared].toSorted();
  if (shared.size === all.size) return { features: reported(source, features), problems: [] };
  const some = [...all].filter((feature) => !shared.has(feature)).toSorted();
  const message = `not on every core, left out: ${listed(some)}`;
  return { features: derived(source, features), problems: [{ source, message, line: null }] };
}
