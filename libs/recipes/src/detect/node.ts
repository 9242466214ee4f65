import { splitLines } from '@envarium/formats';
import { z } from 'zod';
import { parseJson } from '../documents.js';
import { recipeInvalid, recipeRefused } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';

const Names = z.record(z.string(), z.string());
const PackageJson = z.object({
  dependencies: Names.optional(),
  devDependencies: Names.optional(),
  optionalDependencies: Names.optional(),
  engines: z.object({ node: z.string().optional() }).optional().catch(undefined),
  scripts: z.record(z.string(), z.unknown()).optional(),
  workspaces: z.unknown().optional(),
});
type PackageJson = z.infer<typeof PackageJson>;

/** Scripts that npm runs when it installs the project: they may need its files. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

/** https://docs.npmjs.com/cli/commands/npm-ci */
export function addNode(builder: PlanBuilder): void {
  const { tree, steps } = builder;
  const file = 'package.json';
  if (!tree.has(file)) return;
  const project = parseJson(tree.text(file), PackageJson, file);
  builder.use('node');
  const range = project.engines?.node;
  if (range !== undefined) builder.checkRuntime('node', range, { file, line: null });
  const lock = tree.first(['npm-shrinkwrap.json', 'package-lock.json']);
  const isLocal = lock === null ? addOpen(builder, project, file) : addLock(builder, lock);
  const settings = tree.has('.npmrc') ? checkSettings(builder, '.npmrc') : [];
  steps.push({
    kind: 'npm',
    files: [file, ...(lock === null ? [] : [lock]), ...settings],
    hasLock: lock !== null,
    needsSource: isLocal || needsSource(project),
  });
  for (const other of ['yarn.lock', 'pnpm-lock.yaml']) {
    if (tree.has(other)) builder.ignore(other, 'npm installs the packages');
  }
}

/** @returns whether folders of the deposit are installed */
function addLock(builder: PlanBuilder, file: string): boolean {
  const { packages } = builder.read(file, 'package-lock');
  const isLocal = (skipReason: string | null): boolean => skipReason === 'local-path';
  const fetched = packages.filter(({ skipReason }) => !isLocal(skipReason));
  const fromGit = fetched.filter(({ skipReason }) => skipReason === 'vcs-source');
  const noHash = fetched.filter(({ hashes, skipReason }) => hashes.length === 0 && skipReason !== 'vcs-source');
  builder.log.addPackages('git-source', fromGit, 'it is fetched from a git repository', file);
  builder.log.addPackages('hash-missing', noHash, 'the lock names no hash', file);
  return fetched.length < packages.length;
}

function addOpen(builder: PlanBuilder, project: PackageJson, file: string): boolean {
  const wishes = Object.entries({
    ...project.devDependencies,
    ...project.optionalDependencies,
    ...project.dependencies,
  });
  const names = wishes.map(([name]) => ({ name, line: null }));
  builder.log.addPackages('unpinned-package', names, 'there is no package-lock.json that fixes its version', file);
  return wishes.some(([, range]) => /^(?:file:|link:|\.{0,2}\/)/.test(range));
}

function needsSource({ scripts = {}, workspaces }: PackageJson): boolean {
  return workspaces !== undefined || INSTALL_SCRIPTS.some((name) => name in scripts);
}

/** Settings of npm are where its tokens stand. https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration */
function checkSettings(builder: PlanBuilder, file: string): string[] {
  for (const [index, line] of splitLines(builder.tree.text(file)).entries()) {
    const { value } = /(?:^|:)_(?:auth|authToken|password)\s*=\s*(?<value>.*)$/i.exec(line)?.groups ?? {};
    if (value === undefined) continue;
    if (!/^\$\{\w+\}$/.test(value.trim()))
      throw recipeRefused(file, index + 1, 'The line holds what looks like a secret.');
    throw recipeInvalid(file, index + 1, 'The registry wants a token; no build is given one.');
  }
  return [file];
}
