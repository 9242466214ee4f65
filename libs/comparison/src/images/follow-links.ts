import type { ByteString, FileRecord } from './file-record.js';
import type { TreeNode } from './merged-tree.js';

/** As many as Linux follows. */
const MAX_LINKS = 40;
/** Of the path and of all links in it together. A target may have thousands, and every directory such a link. */
const MAX_COMPONENTS = 512;

/** Where a path of an image leads, links in all its parts followed; null: nowhere. Nothing leads out of the image. */
export function followLinks<R extends FileRecord>(root: TreeNode<R>, path: ByteString): ByteString | null {
  const place: { readonly name: ByteString; readonly node: TreeNode<R> }[] = [];
  const pending = path.split('/').reverse();
  let [links, components] = [0, 0];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    components += 1;
    if (components > MAX_COMPONENTS) return null;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      place.pop();
      continue;
    }
    const node = (place.at(-1)?.node ?? root).children?.get(name);
    if (node === undefined) return null;
    const target = node.record?.target ?? null;
    if (target === null) {
      place.push({ name, node });
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return null;
    if (target.startsWith('/')) place.length = 0;
    pending.push(...target.split('/').reverse());
  }
  return place.map(({ name }) => name).join('/');
}
