import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';

/** Sources and build lie at different depths below the package, so its root is looked for. */
export function packageRoot(from: string = import.meta.dirname): string {
  if (readPackage(from)?.name === 'envarium') return from;
  const parent = path.dirname(from);
  if (parent === from) throw new ArchiveError('CONFIG_INVALID', { problem: 'package-root-not-found' });
  return packageRoot(parent);
}

export function packageVersion(): string {
  return readPackage(packageRoot())?.version ?? '0.0.0';
}

function readPackage(directory: string): { name: unknown; version: string } | null {
  const file = path.join(directory, 'package.json');
  if (!existsSync(file)) return null;
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof content !== 'object' || content === null || !('name' in content)) return null;
  return { name: content.name, version: 'version' in content ? String(content.version) : '0.0.0' };
}
