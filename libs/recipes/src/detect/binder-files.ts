import { splitLines } from '@envarium/formats';
import { recipeInvalid } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';

const APT_PACKAGE = /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?(?:=[\w.+~:-]+)?$/;

/** Names of Debian packages, one or more in a line. https://repo2docker.readthedocs.io/en/latest/config_files/#apt-txt */
export function addAptFile(builder: PlanBuilder): void {
  const file = builder.config('apt.txt');
  if (file === null) return;
  const unpinned: { name: string; line: number }[] = [];
  for (const [index, text] of splitLines(builder.tree.text(file)).entries()) {
    const line = index + 1;
    const [names = ''] = text.split('#');
    for (const name of names.split(/\s+/).filter((word) => word !== '')) {
      if (!APT_PACKAGE.test(name)) throw recipeInvalid(file, line, 'The line is no name of a Debian package.');
      builder.addAptPackage(name);
      if (!name.includes('=')) unpinned.push({ name, line });
    }
  }
  builder.log.addPackages('unpinned-package', unpinned, 'the version is what the Debian archive has', file);
}

export function addPostBuild(builder: PlanBuilder): void {
  const file = builder.config('postBuild');
  if (file !== null) builder.steps.push({ kind: 'post-build', file });
}

export function addStart(builder: PlanBuilder): void {
  const file = builder.config('start');
  if (file !== null) builder.steps.push({ kind: 'start', file });
}
