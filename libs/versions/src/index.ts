export type { RangeTest, Verdict } from './scheme.js';
export { compareVersions, parseVersionRange, rangeRules, satisfiesRange } from './versions.js';
