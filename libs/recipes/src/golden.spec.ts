import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findRecipe } from './detect/find-recipe.js';
import type { RecipeFile } from './recipe-file.js';
import { renderRecipe, type RenderedRecipe, type RenderOptions } from './render/render-recipe.js';

const GOLDEN = path.join(import.meta.dirname, '__fixtures__/golden');
const SHA256 = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
const RENDER: RenderOptions = {
  base: `images.example.org/debian@sha256:${SHA256}`,
  micromamba: { url: 'https://files.example.org/micromamba-linux-64', sha256: SHA256 },
  julia: { url: 'https://files.example.org/julia-1.9.4-linux-x86_64.tar.gz', sha256: SHA256 },
  rRepository: 'https://cran.example.org/{date}',
};
const Options = z.object({
  find: z.object({ toolchain: z.enum(['apt', 'base']).optional() }).default({}),
  render: z.object({ user: z.number().optional(), workDirectory: z.string().optional() }).default({}),
});

const cases = readdirSync(GOLDEN);

function depositOf(name: string): RecipeFile[] {
  const root = path.join(GOLDEN, name, 'deposit');
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ path: path.relative(root, file), bytes: readFileSync(file), isExecutable: false }));
}

function optionsOf(name: string): z.infer<typeof Options> {
  const file = path.join(GOLDEN, name, 'options.json');
  return Options.parse(
    readdirSync(path.join(GOLDEN, name)).includes('options.json') ? JSON.parse(readFileSync(file, 'utf8')) : {},
  );
}

function render(name: string, files: readonly RecipeFile[]): RenderedRecipe & { isExact: boolean } {
  const options = optionsOf(name);
  const plan = findRecipe(files, options.find as object);
  return { ...renderRecipe(plan, { ...RENDER, ...(options.render as object) }), isExact: plan.isExact };
}

/** One line for each warning: code, place, message. */
function describeWarnings({ warnings, isExact }: RenderedRecipe & { isExact: boolean }): string {
  const lines = warnings.map(({ code, file, line, message }) => `${code} ${file ?? '-'}:${line ?? '-'} ${message}\n`);
  return `${isExact ? 'exact' : 'not exact'}\n${lines.join('')}`;
}

const expected = (name: string, file: string): string => readFileSync(path.join(GOLDEN, name, file), 'utf8');

describe('recipes/golden', () => {
  it.each(cases)('renders %s as it is written down', (name) => {
    const rendered = render(name, depositOf(name));

    expect(rendered.dockerfile).toBe(expected(name, 'Dockerfile'));
    expect(describeWarnings(rendered)).toBe(expected(name, 'warnings.txt'));
    const made = rendered.context.filter((file) => file.path.startsWith('generated/'));
    expect(made.map((file) => file.path)).toEqual(
      readdirSync(path.join(GOLDEN, name)).includes('generated')
        ? readdirSync(path.join(GOLDEN, name, 'generated')).map((each) => `generated/${each}`)
        : [],
    );
    for (const file of made) expect(new TextDecoder().decode(file.bytes)).toBe(expected(name, file.path));
  });

  it.each(cases)('gives the same bytes for %s, whatever the order of its files', (name) => {
    const deposit = depositOf(name);

    expect(render(name, deposit.toReversed())).toEqual(render(name, deposit));
  });

  it.each(cases)('answers every truncation of %s with a recipe or a reason', (name) => {
    const deposit = depositOf(name);

    for (const [index, file] of deposit.entries()) {
      for (let size = 0; size < file.bytes.byteLength; size += Math.max(1, Math.floor(file.bytes.byteLength / 40))) {
        const cut = deposit.with(index, { ...file, bytes: file.bytes.subarray(0, size) });
        try {
          render(name, cut);
        } catch (error) {
          expect(error).toBeInstanceOf(ArchiveError);
        }
      }
    }
  });
});
