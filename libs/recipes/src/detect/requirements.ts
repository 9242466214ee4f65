import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { recipeInvalid } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';

const MOST_FILES = 50;

interface Listed {
  readonly file: string;
  readonly spec: EnvironmentSpec;
}

/** A requirements file and those that it names. */
export function addRequirements(builder: PlanBuilder, file: string): void {
  const lists = follow(builder, file);
  const packages = lists.flatMap(({ file: path, spec }) => spec.packages.map((each) => ({ path, each })));
  const isLocal = lists.some(({ spec }) => hasLocalPath(spec));
  const withHash = packages.filter(({ each }) => each.hashes.length > 0);
  const hasHashes = packages.length > 0 && withHash.length === packages.length;
  const without = packages.find(({ each }) => each.hashes.length === 0);
  if (withHash.length > 0 && without !== undefined && lists.length === 1) {
    throw recipeInvalid(without.path, without.each.line, 'Other lines have hashes: pip then wants one for each.');
  }
  for (const { file: path, spec } of lists) warnOf(builder, path, spec, hasHashes);
  builder.steps.push({
    kind: 'pip',
    file,
    files: lists.map(({ file: path }) => path),
    generated: null,
    hasHashes,
    needsSource: isLocal || packages.some(({ each }) => each.skipReason === 'local-path'),
  });
}

/** A folder that is installed, or one in which wheels lie. */
function hasLocalPath({ problems, sources }: EnvironmentSpec): boolean {
  return (
    problems.some(({ reason }) => reason === 'local-path') ||
    sources.some((source) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(source))
  );
}

function follow(builder: PlanBuilder, first: string): Listed[] {
  const lists: Listed[] = [];
  const waiting = [first];
  const seen = new Set(waiting);
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const spec = builder.read(file, 'pip-requirements');
    const broken = spec.problems.find(({ reason }) => reason === 'syntax-invalid');
    if (broken !== undefined) throw recipeInvalid(file, broken.line, broken.message);
    lists.push({ file, spec });
    for (const reference of spec.references) {
      const path = resolveReference(builder, file, reference);
      if (path === null || seen.has(path)) continue;
      if (seen.size === MOST_FILES)
        throw recipeInvalid(file, null, `Up to ${MOST_FILES} requirements files are followed.`);
      seen.add(path);
      waiting.push(path);
    }
  }
  return lists;
}

/** Relative to the file that names it. */
function resolveReference(builder: PlanBuilder, file: string, reference: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) {
    builder.log.add('unpinned-package', 'The file names a list in the net, which can change.', file);
    return null;
  }
  const segments = file.split('/').slice(0, -1);
  for (const segment of reference.split('/')) {
    if (segment === '..' && segments.pop() === undefined)
      throw recipeInvalid(file, null, 'A file outside of the deposit is named.');
    if (segment !== '..' && segment !== '.' && segment !== '') segments.push(segment);
  }
  const path = segments.join('/');
  if (!builder.tree.has(path))
    throw recipeInvalid(file, null, `The file names ${JSON.stringify(path)}, which is not there.`);
  return path;
}

function warnOf(builder: PlanBuilder, file: string, spec: EnvironmentSpec, hasHashes: boolean): void {
  const { log } = builder;
  const fromGit = spec.packages.filter(({ skipReason }) => skipReason === 'vcs-source');
  const open = spec.packages.filter((each) => each.version === null && !isLink(each));
  log.addPackages('unpinned-package', open, 'its version is not fixed', file);
  log.addPackages('git-source', fromGit, 'it is fetched from a git repository', file);
  const isPinned = spec.packages.some((each) => each.version !== null && each.hashes.length === 0);
  if (isPinned && !hasHashes)
    log.add('hash-missing', 'Not every line has a hash: a file could change under its version.', file);
}

function isLink({ skipReason }: SpecPackage): boolean {
  return skipReason === 'vcs-source' || skipReason === 'url-source' || skipReason === 'local-path';
}
