import { z } from 'zod';
import { parseToml } from '../documents.js';
import { recipeInvalid } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';

const Project = z.object({
  deps: z.record(z.string(), z.string()).optional(),
  compat: z.record(z.string(), z.string()).optional(),
});
const Package = z.object({ version: z.string().optional(), 'repo-url': z.string().optional() });
const Manifest = z.looseObject({
  julia_version: z.string().optional(),
  manifest_format: z.string().optional(),
  deps: z.unknown().optional(),
});

export function findJulia(builder: PlanBuilder): string | null {
  return builder.config('JuliaProject.toml') ?? builder.config('Project.toml');
}

export function addJulia(builder: PlanBuilder): void {
  const file = findJulia(builder);
  if (file === null) return;
  const project = parseToml(builder.tree.text(file), Project, file);
  builder.use('julia');
  const manifest = builder.config('JuliaManifest.toml') ?? builder.config('Manifest.toml');
  const compat = project.compat?.['julia'];
  if (manifest !== null) addManifest(builder, manifest);
  else {
    if (compat !== undefined) builder.checkRuntime('julia', compat, { file, line: null });
    const names = Object.keys(project.deps ?? {}).map((name) => ({ name, line: null }));
    builder.log.addPackages('unpinned-package', names, 'there is no Manifest.toml that fixes its version', file);
  }
  builder.steps.push({ kind: 'julia', folder: builder.folder });
}

/** https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml: what is fetched is named by the hash of its tree. */
function addManifest(builder: PlanBuilder, file: string): void {
  const manifest = parseToml(builder.tree.text(file), Manifest, file);
  if (manifest.julia_version !== undefined) builder.checkRuntime('julia', manifest.julia_version, { file, line: null });
  const entries = z.record(z.string(), z.array(Package)).safeParse(manifest.deps ?? withoutHeader(manifest));
  if (!entries.success) throw recipeInvalid(file, null, 'The entries of the Manifest are not understood.');
  const open = Object.entries(entries.data).filter(([, each]) => each.some(isBranch));
  builder.log.addPackages(
    'git-source',
    open.map(([name]) => ({ name, line: null })),
    'it is fetched from a git repository',
    file,
  );
}

/** Added by its address: no package server has it. */
function isBranch(entry: z.infer<typeof Package>): boolean {
  return entry['repo-url'] !== undefined;
}

/** Before format 2 the packages stand at the top. */
function withoutHeader(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(manifest).filter(([, value]) => Array.isArray(value)));
}
