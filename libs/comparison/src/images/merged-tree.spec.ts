import { tarEntries } from '@envarium/oci';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, imageOfBuilt, member, plainLayer } from './__fixtures__/test-image.js';
import { listFiles } from './list-files.js';

/** What a layer holds at a path; `id` becomes the owner, so that a record is known again. */
interface Step {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'whiteout' | 'opaque';
  readonly id: number;
}

const NAMES = ['a', 'b', 'c'];
const paths = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const step = fc.record({
  path: paths,
  kind: fc.constantFrom('file', 'file', 'directory', 'whiteout', 'opaque'),
  id: fc.integer({ min: 1, max: 1_000_000 }),
} as const);
// A path twice in one layer is a test of its own.
const layer = fc.uniqueArray(step, {
  maxLength: 8,
  selector: ({ path, kind }) => `${kind === 'directory' ? 'file' : kind} ${path}`,
});

/** A flat model, which knows nothing of trees: path -> `type:id`. Undefined: a reader would have to guess. */
function model(layers: readonly (readonly Step[])[]): Record<string, string> | undefined {
  let image = new Map<string, string>();
  for (const steps of layers) {
    const own = new Map<string, string>();
    for (const { path, kind, id } of steps) {
      const parents = kind === 'opaque' ? [...parentsOf(path), path] : parentsOf(path);
      if (parents.some((parent) => own.get(parent)?.startsWith('file'))) return undefined;
      if (kind === 'file') {
        drop(own, path);
        own.set(path, `file:${id}`);
      } else if (kind === 'directory') own.set(path, `directory:${id}`);
    }
    for (const { path, kind } of steps) {
      const stillThere = !parentsOf(path).some((parent) => own.get(parent)?.startsWith('file'));
      if (kind === 'whiteout' && stillThere && isDirectory(image, parentsOf(path).at(-1))) drop(image, path);
      if (kind === 'opaque' && stillThere && isDirectory(image, path)) {
        const itself = image.get(path) ?? '';
        drop(image, path);
        image.set(path, itself);
      }
    }
    for (const [path, value] of [...own].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      for (const parent of parentsOf(path)) {
        if (!isDirectory(image, parent)) image.set(parent, 'directory:0');
      }
      if (value.startsWith('file') || !isDirectory(image, path)) drop(image, path);
      image.set(path, value);
    }
  }
  return Object.fromEntries(image);
}

function parentsOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}

function isDirectory(files: ReadonlyMap<string, string>, path: string | undefined): boolean {
  return path === undefined || (files.get(path)?.startsWith('directory') ?? false);
}

function drop(files: Map<string, string>, path: string): void {
  for (const name of files.keys()) if (name === path || name.startsWith(`${path}/`)) files.delete(name);
}

function inTar({ path, kind, id }: Step) {
  const [parent, name] = [parentsOf(path).at(-1), path.split('/').at(-1)];
  if (kind === 'whiteout') return member(`${parent === undefined ? '' : `${parent}/`}.wh.${name}`, '');
  if (kind === 'opaque') return member(`${path}/.wh..wh..opq`, '');
  return member(kind === 'directory' ? `${path}/` : path, '', { uid: id });
}

describe('comparison/images/merged-tree', () => {
  it('gives what a model of flat lists gives, for any layers', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 4 }), async (layers) => {
        const expected = model(layers);
        const tars = await Promise.all(layers.map((steps) => bytesOf(tarEntries(steps.map(inTar)))));
        const image = await imageOfBuilt(tars.map(plainLayer));

        const actual = await listFiles(image).then(
          ({ entries }) => Object.fromEntries(entries.slice(1).map(({ path, type, uid }) => [path, `${type}:${uid}`])),
          (error: unknown) => error,
        );

        if (expected === undefined) expect(actual).toMatchObject({ detail: { reason: 'path-below-file' } });
        else {
          expect(actual).toEqual(expected);
          compared += 1;
        }
      }),
      { numRuns: 400 },
    );

    expect(compared).toBeGreaterThan(100);
  });
});
