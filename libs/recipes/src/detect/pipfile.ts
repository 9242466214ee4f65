import { splitLines } from '@envarium/formats';
import { z } from 'zod';
import { parseToml } from '../documents.js';
import { readPipfileLock } from '../locks/pipfile-lock.js';
import { recipeInvalid } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';
import { addLockReading } from './python.js';
import type { RuntimeRequest } from './runtime-file.js';

const Wish = z.union([
  z.string(),
  z.object({
    version: z.string().optional(),
    extras: z.array(z.string()).optional(),
    markers: z.string().optional(),
    git: z.string().optional(),
    ref: z.string().optional(),
    path: z.string().optional(),
    file: z.string().optional(),
  }),
]);
type Wish = z.infer<typeof Wish>;

const Pipfile = z.object({
  packages: z.record(z.string(), Wish).optional(),
  requires: z.object({ python_version: z.string().optional(), python_full_version: z.string().optional() }).optional(),
});

export function findPipfile(builder: PlanBuilder): boolean {
  return builder.config('Pipfile') !== null || builder.config('Pipfile.lock') !== null;
}

export function addPipfile(builder: PlanBuilder, runtime: RuntimeRequest | null): void {
  builder.use('python');
  if (runtime?.name === 'python' && runtime.version !== null) {
    builder.checkRuntime('python', runtime.version, { file: runtime.file, line: 1 });
  }
  const lock = builder.config('Pipfile.lock');
  const pipfile = builder.config('Pipfile');
  if (lock !== null) addLockReading(builder, readPipfileLock(builder.tree.text(lock), lock), lock);
  else if (pipfile !== null) addWishes(builder, pipfile);
  for (const name of ['requirements.txt', 'poetry.lock', 'uv.lock', 'pylock.toml']) {
    builder.ignore(builder.config(name), 'the Pipfile comes before it');
  }
}

/** Without a lock, what the Pipfile wishes for is handed to pip; no line of it is fixed but those with `==`. */
function addWishes(builder: PlanBuilder, file: string): void {
  const text = builder.tree.text(file);
  const { packages = {}, requires } = parseToml(text, Pipfile, file);
  const python = requires?.python_full_version ?? requires?.python_version;
  if (python !== undefined) builder.checkRuntime('python', python, { file, line: null });
  const lineOf = linesByKey(text);
  const wishes = Object.entries(packages).map(([name, wish]) => ({ name, wish, line: lineOf.get(name) ?? null }));
  const lines = wishes.map(({ name, wish, line }) => formatWish(name, wish, file, line)).sort();
  const open = wishes.filter(
    ({ wish }) => !/^===?\s*[\w.!+]+$/.test((typeof wish === 'string' ? wish : wish.version) ?? ''),
  );
  builder.log.addPackages('unpinned-package', open, 'its version is not fixed', file);
  if (lines.length === 0) return;
  builder.steps.push({
    kind: 'pip',
    file: 'Pipfile.txt',
    files: [],
    generated: { name: 'Pipfile.txt', text: `${lines.join('\n')}\n`, isComplete: false },
    hasHashes: false,
    needsSource: lines.some((line) => line.includes('./')),
  });
}

function formatWish(name: string, wish: Wish, file: string, line: number | null): string {
  const {
    version,
    extras = [],
    markers,
    git,
    ref,
    path,
    file: archive,
  } = typeof wish === 'string' ? { version: wish } : wish;
  const range = version === undefined || version === '*' ? '' : version;
  const link = git === undefined ? archive : `git+${git}${ref === undefined ? '' : `@${ref}`}`;
  const requirement =
    path === undefined
      ? `${name}${extras.length === 0 ? '' : `[${extras.join(',')}]`}${link === undefined ? range : ` @ ${link}`}`
      : path.startsWith('.')
        ? path.replace(/^\.(?=$|\/)/, './').replace('.//', './')
        : `./${path}`;
  const text = markers === undefined ? requirement : `${requirement} ; ${markers}`;
  if (/[\r\n\\#]/.test(text) || /^\s*-/.test(text))
    throw recipeInvalid(file, line, 'The wish for a package is not valid.');
  return text;
}

/** The first line that sets each key: the reader of TOML does not tell. */
function linesByKey(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  for (const [index, line] of splitLines(text).entries()) {
    const key = line.slice(0, Math.max(0, line.indexOf('='))).replaceAll(/["'\s]/g, '');
    if (!lines.has(key)) lines.set(key, index + 1);
  }
  return lines;
}
