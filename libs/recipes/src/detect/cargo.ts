import { z } from 'zod';
import { parseToml } from '../documents.js';
import type { PlanBuilder } from './plan-builder.js';

const Inherited = z.object({ workspace: z.boolean() });
const CargoToml = z.object({
  package: z
    .object({
      'rust-version': z.union([z.string(), Inherited]).optional(),
      edition: z.union([z.string(), Inherited]).optional(),
    })
    .optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
});

const CargoLock = z.object({
  version: z.number().optional(),
  package: z
    .array(
      z.object({
        name: z.string(),
        version: z.string(),
        source: z.string().optional(),
        checksum: z.string().optional(),
      }),
    )
    .optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

/** https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html */
export function addCargo(builder: PlanBuilder): void {
  const { tree, log, steps } = builder;
  const file = 'Cargo.toml';
  if (!tree.has(file)) return;
  const project = parseToml(tree.text(file), CargoToml, file);
  builder.use('rust');
  const rust = project.package?.['rust-version'];
  if (typeof rust === 'string') builder.checkRuntime('rust', `>=${rust}`, { file, line: null });
  if (project.package?.edition === '2024') builder.checkRuntime('rust', '>=1.85', { file, line: null });
  const hasLock = tree.has('Cargo.lock');
  if (hasLock) addLock(builder, 'Cargo.lock');
  else {
    const names = Object.keys(project.dependencies ?? {}).map((name) => ({ name, line: null }));
    log.addPackages('unpinned-package', names, 'there is no Cargo.lock that fixes its version', file);
  }
  steps.push({ kind: 'cargo', hasLock });
}

function addLock(builder: PlanBuilder, file: string): void {
  const lock = parseToml(builder.tree.text(file), CargoLock, file);
  // Cargo before 1.78 refuses a lock of version 4.
  if ((lock.version ?? 1) >= 4) builder.checkRuntime('rust', '>=1.78', { file, line: null });
  const fetched = (lock.package ?? [])
    .map((each) => ({ ...each, line: null }))
    .filter(({ source }) => source !== undefined);
  const fromGit = fetched.filter(({ source }) => source?.startsWith('git+'));
  const noHash = fetched.filter(
    ({ name, version, source, checksum }) =>
      !source?.startsWith('git+') &&
      checksum === undefined &&
      lock.metadata?.[`checksum ${name} ${version} (${source ?? ''})`] === undefined,
  );
  builder.log.addPackages('git-source', fromGit, 'it is fetched from a git repository', file);
  builder.log.addPackages('hash-missing', noHash, 'the lock names no checksum', file);
}
