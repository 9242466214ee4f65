import { normalizePypiName } from '@envarium/formats';
import { z } from 'zod';
import { parseToml } from '../documents.js';
import { formatRequirements, type LockReading } from '../locks/locked-package.js';
import { readPoetryLock, type RootDependencies } from '../locks/poetry-lock.js';
import { readPylock } from '../locks/pylock.js';
import { readUvLock } from '../locks/uv-lock.js';
import type { PlanBuilder } from './plan-builder.js';
import { addRequirements } from './requirements.js';
import type { RuntimeRequest } from './runtime-file.js';

const PoetryDependency = z.union([
  z.string(),
  z.object({ optional: z.boolean().optional(), markers: z.string().optional() }),
  z.array(z.unknown()),
]);

const Pyproject = z.object({
  project: z
    .object({
      dependencies: z.array(z.string()).optional(),
      dynamic: z.array(z.string()).optional(),
      'requires-python': z.string().optional(),
    })
    .optional(),
  'build-system': z.object({ requires: z.array(z.string()).optional() }).optional(),
  tool: z
    .object({ poetry: z.object({ dependencies: z.record(z.string(), PoetryDependency).optional() }).optional() })
    .optional(),
});
type Pyproject = z.infer<typeof Pyproject>;

/** Locks come in this order; the first one is used. */
const LOCKS = ['pylock.toml', 'uv.lock', 'poetry.lock'] as const;
type Lock = (typeof LOCKS)[number];

export function findPython(builder: PlanBuilder, runtime: RuntimeRequest | null): boolean {
  if (['requirements.txt', ...LOCKS].some((name) => builder.config(name) !== null)) return true;
  if (runtime?.name === 'python' || builder.root('setup.py') !== null) return true;
  const pyproject = readPyproject(builder);
  return pyproject?.project !== undefined || pyproject?.['build-system'] !== undefined;
}

/** @param hasConda an environment of conda is there already, and has the interpreter */
export function addPython(builder: PlanBuilder, runtime: RuntimeRequest | null, hasConda: boolean): void {
  const pyproject = readPyproject(builder);
  if (!hasConda) builder.use('python');
  if (runtime?.name === 'python' && runtime.version !== null) {
    builder.checkRuntime('python', runtime.version, { file: runtime.file, line: 1 });
  }
  const requirements = builder.config('requirements.txt');
  const lock = LOCKS.find((name) => builder.config(name) !== null);
  let isLocked = false;
  if (requirements !== null) {
    addRequirements(builder, requirements);
    if (lock !== undefined) builder.ignore(builder.config(lock), 'requirements.txt comes before it');
  } else if (lock !== undefined) {
    addLock(builder, lock, pyproject);
    isLocked = true;
  }
  addProject(builder, pyproject, isLocked);
}

function readPyproject(builder: PlanBuilder): Pyproject | null {
  const file = builder.root('pyproject.toml');
  return file === null ? null : parseToml(builder.tree.text(file), Pyproject, file);
}

function addLock(builder: PlanBuilder, name: Lock, pyproject: Pyproject | null): void {
  const file = builder.folder + name;
  const reading = readLock(builder, name, file, pyproject);
  addLockReading(builder, reading, file);
  for (const other of LOCKS) if (other !== name) builder.ignore(builder.config(other), `${name} comes before it`);
}

/** Adds what a lock fixes as a requirements file with hashes. */
export function addLockReading(builder: PlanBuilder, { packages, python, problems }: LockReading, file: string): void {
  const requirements = formatRequirements(packages, file);
  if (python !== null) builder.checkRuntime('python', python, { file, line: null });
  for (const problem of problems) builder.log.add('not-understood', problem, file);
  const open = packages.filter(({ version, link }) => version === null && link === null);
  builder.log.addPackages('unpinned-package', open.map(withoutLine), 'its version is not fixed', file);
  builder.log.addPackages(
    'git-source',
    requirements.fromGit.map((name) => ({ name, line: null })),
    'it is fetched from a git repository',
    file,
  );
  const noHash = requirements.withoutHash.filter((name) => !requirements.fromGit.includes(name));
  builder.log.addPackages(
    'hash-missing',
    noHash.map((name) => ({ name, line: null })),
    'the lock names no hash',
    file,
  );
  if (packages.length === 0) return;
  builder.steps.push({
    kind: 'pip',
    file: `${file.slice(file.lastIndexOf('/') + 1)}.txt`,
    files: [],
    generated: { name: `${file.slice(file.lastIndexOf('/') + 1)}.txt`, text: requirements.text, isComplete: true },
    hasHashes: requirements.hasHashes,
    needsSource: false,
  });
}

function withoutLine({ name }: { readonly name: string }): { name: string; line: null } {
  return { name, line: null };
}

function readLock(builder: PlanBuilder, name: Lock, file: string, pyproject: Pyproject | null): LockReading {
  const text = builder.tree.text(file);
  if (name === 'pylock.toml') return readPylock(text, file);
  if (name === 'uv.lock') return readUvLock(text, file);
  return readPoetryLock(text, rootDependencies(pyproject), file);
}

/** Of Poetry's own table, or of the standard one. */
function rootDependencies(pyproject: Pyproject | null): RootDependencies {
  const poetry = pyproject?.tool?.poetry?.dependencies;
  const standard = pyproject?.project?.dependencies;
  if (poetry === undefined && standard === undefined) return null;
  const roots = new Map<string, string | null>();
  for (const [name, wish] of Object.entries(poetry ?? {})) {
    const isOptional = typeof wish === 'object' && !Array.isArray(wish) && wish.optional === true;
    if (name === 'python' || isOptional) continue;
    roots.set(
      normalizePypiName(name),
      typeof wish === 'object' && !Array.isArray(wish) ? (wish.markers ?? null) : null,
    );
  }
  for (const requirement of standard ?? []) {
    const [what = '', marker] = requirement.split(';');
    const name = /^\s*([A-Za-z0-9][\w.-]*)/.exec(what)?.[1];
    if (name !== undefined) roots.set(normalizePypiName(name), marker?.trim() ?? null);
  }
  return roots;
}

/** `pip install .`, as repo2docker does it for setup.py, and for pyproject.toml with [project] and [build-system]. */
function addProject(builder: PlanBuilder, pyproject: Pyproject | null, isLocked: boolean): void {
  const setup = builder.root('setup.py');
  const isProject =
    pyproject?.['build-system'] !== undefined && (pyproject.project ?? pyproject.tool?.poetry) !== undefined;
  if (setup === null && !isProject) return;
  const file = pyproject === null ? 'setup.py' : 'pyproject.toml';
  const range = pyproject?.project?.['requires-python'];
  if (range !== undefined) builder.checkRuntime('python', range, { file, line: null });
  warnOfOpenDependencies(builder, pyproject, isLocked, file);
  builder.steps.push({ kind: 'pip-project', withDependencies: !isLocked });
}

function warnOfOpenDependencies(
  builder: PlanBuilder,
  pyproject: Pyproject | null,
  isLocked: boolean,
  file: string,
): void {
  const open = [
    ...(isLocked ? [] : (pyproject?.project?.dependencies ?? [])),
    ...(pyproject?.['build-system']?.requires ?? []),
  ].filter((requirement) => !/===?\s*[\w.!+]+\s*(?:;|$)/.test(requirement));
  const names = open.map((requirement) => ({ name: /^[\w.-]*/.exec(requirement.trim())?.[0] ?? '', line: null }));
  builder.log.addPackages('unpinned-package', names, 'its version is chosen when it is installed', file);
  if (pyproject?.project === undefined && !isLocked) {
    builder.log.add('unpinned-package', 'What the project depends on is told only when it is installed.', file);
  }
}
