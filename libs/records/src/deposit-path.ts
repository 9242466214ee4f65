import { ArchiveError } from '@envarium/errors';
import { isStorableText } from '@envarium/schema';

const MAX_DEPTH = 32;
// Control characters, and what Windows cannot have in a name: a deposit is unpacked on any machine.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f\\:*?"<>|]/;

/**
 * Checks the paths of a deposit: relative, normal, distinct also where case does not count.
 * @throws ArchiveError DEPOSIT_INVALID with the path and the reason
 */
export function assertDepositPaths(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const reason = pathFault(path);
    if (reason !== null) throw new ArchiveError('DEPOSIT_INVALID', { path, reason });
    const folded = path.normalize('NFC').toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) throw new ArchiveError('DEPOSIT_INVALID', { path, other, reason: 'same-path-twice' });
    seen.set(folded, path);
  }
}

function pathFault(path: string): string | null {
  if (path.startsWith('/')) return 'absolute-path';
  if (FORBIDDEN.test(path)) return 'forbidden-character';
  if (!isStorableText(path)) return 'not-well-formed';
  const components = path.split('/');
  if (components.length > MAX_DEPTH) return 'too-deep';
  if (components.some((component) => component === '..')) return 'leaves-the-deposit';
  if (components.some((component) => component === '' || component === '.')) return 'not-normal';
  return null;
}
