import type { ByteString } from './file-record.js';

export type LayerPathFault = 'path-outside' | 'path-nul' | 'path-too-deep' | 'whiteout-name';

export interface LayerPath {
  readonly components: readonly ByteString[];
  /**
   * `member`: an ordinary one. `whiteout`: takes the last component away from lower layers. `opaque`: takes away all that
   * lower layers have in `components`. `ignored`: what the aufs of old Docker kept for itself.
   */
  readonly kind: 'member' | 'whiteout' | 'opaque' | 'ignored';
}

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const AUFS = '.wh..wh.';

/** Where a member of a layer belongs. A leading slash means nothing; `..` is refused, and a `\` is a character like any other. */
export function parseLayerPath(path: ByteString, maxDepth: number): LayerPath | LayerPathFault {
  if (path.includes('\0')) return 'path-nul';
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  if (components.includes('..')) return 'path-outside';
  if (components.length > maxDepth) return 'path-too-deep';
  const mark = components.findIndex((component) => component.startsWith(WHITEOUT));
  const marked = components[mark];
  if (marked === undefined) return { components, kind: 'member' };

  const isLast = mark === components.length - 1;
  const parents = components.slice(0, mark);
  if (marked === OPAQUE && isLast) return { components: parents, kind: 'opaque' };
  if (marked.startsWith(AUFS)) return { components, kind: 'ignored' };
  const hidden = marked.slice(WHITEOUT.length);
  if (!isLast || hidden === '' || hidden === '.' || hidden === '..') return 'whiteout-name';
  return { components: [...parents, hidden], kind: 'whiteout' };
}
