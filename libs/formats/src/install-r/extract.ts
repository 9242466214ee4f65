import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { limits } from '../limits.js';
import { noteScriptSecrets } from '../script-secrets.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLinesWithinLimit } from '../text.js';
import { findInstallCalls, type InstallCall } from './calls.js';

export const FILE_NAME = /(?:^|[^A-Za-z])install\.R$/i;

/** R-exts, section 1.1.1. */
const PACKAGE = /^[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]$/;
const GITHUB = /^(?:github::)?(?<name>[\w.-]+\/[\w.-]+)(?<rest>(?:\/[\w./-]+)?(?:[@#][\w./-]+)?)$/;

/** A program of R that installs packages. https://repo2docker.readthedocs.io/en/latest/config_files/#install-r-install-an-r-rstudio-environment */
export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!FILE_NAME.test(path) || content.trim() === '') return null;
  const spec = emptySpec('install-r', 'language');
  const message = 'It is a program: what it does is known only by running it. Only names that stand in it are listed.';
  spec.problems.push({ reason: 'as-code', message, line: 1 });
  if (content.length > limits.programCharacters) {
    const tooLong = `A program is searched for names up to ${limits.programCharacters} characters.`;
    spec.problems.push({ reason: 'limit-exceeded', message: tooLong, line: null });
    return spec;
  }
  noteScriptSecrets(splitLinesWithinLimit(content), 1, spec);
  for (const call of findInstallCalls(content)) {
    for (const { value, line } of call.texts) {
      const found = describe(call, value);
      if (found === null) continue;
      if (spec.packages.length >= limits.packages) return spec;
      spec.packages.push(specPackage({ ...found, standing: 'declared', line, skipReason: 'as-code' }));
    }
  }
  return spec;
}

function describe(
  { name, version }: InstallCall,
  text: string,
): Pick<SpecPackage, 'ecosystem' | 'name' | 'specifier'> | null {
  const takesHosts = name === 'install_github' || name === 'pak' || name === 'pkg_install' || name === 'install';
  const remote = takesHosts ? GITHUB.exec(text)?.groups : undefined;
  if (remote !== undefined)
    return { ecosystem: 'github', name: remote['name'] ?? '', specifier: remote['rest'] || null };
  if (name === 'install_github' || name === 'install_gitlab' || !PACKAGE.test(text)) return null;
  return { ecosystem: 'cran', name: text, specifier: name === 'install_version' ? version : null };
}
