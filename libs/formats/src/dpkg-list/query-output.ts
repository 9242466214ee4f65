import type { SpecProblem } from '@envarium/schema';
import type { DebFacts } from '../dpkg-status/deb-package.js';
import { limits } from '../limits.js';

export interface Listing {
  readonly packages: readonly DebFacts[];
  readonly problems: readonly SpecProblem[];
}

/** `name[:architecture]`, tab, version (empty when not installed), and in a common variant tab, architecture. */
const LINE =
  /^(?<name>[0-9a-z][0-9a-z+.-]+(?::[a-z0-9-]+)?)\t(?<version>(?:\d+:)?\d[0-9A-Za-z.+~:-]*)?(?:\t(?<architecture>[a-z][a-z0-9-]*))?\s*$/;
const HINT = /dpkg|debian|deb[-_]?packages/i;

/**
 * The output of `dpkg-query -W`. Two columns are a weak grammar, so every line must fit, and the file or one of its names
 * must say more: an architecture, or a Debian revision in most versions.
 */
export function readQueryOutput(lines: readonly string[], path: string): Listing | null {
  const packages: DebFacts[] = [];
  let qualified = 0;
  let revised = 0;
  for (const [index, content] of lines.entries()) {
    if (content.trim() === '') continue;
    const fields = content.length > limits.lineCharacters ? undefined : LINE.exec(content)?.groups;
    if (fields === undefined) return null;
    const { name = '', version = null, architecture = null } = fields;
    if (name.includes(':') || architecture !== null) qualified += 1;
    if (version?.includes('-') === true) revised += 1;
    packages.push({
      name,
      version,
      architecture,
      source: null,
      isInstalled: version !== null,
      isNameWhole: true,
      isVersionWhole: true,
      line: index + 1,
    });
  }
  if (packages.length === 0) return null;
  const isConvincing = qualified > 0 || revised > packages.length / 2 || HINT.test(path);
  return isConvincing ? { packages, problems: [] } : null;
}
