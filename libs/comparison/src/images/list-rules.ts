import { noisePolicyName } from './noise-policy.js';
import { PACKAGE_READERS } from './packages/read-packages.js';

/** By which rules a list of files is made: one that was made by others is made again rather than compared. */
export function listRulesName(): string {
  return `${noisePolicyName()}, ${PACKAGE_READERS.name} v${PACKAGE_READERS.version}`;
}
