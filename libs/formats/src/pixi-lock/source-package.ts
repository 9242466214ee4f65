import type { EnvironmentSpec, SkipReason, SpecPackage } from '@envarium/schema';
import { fixedVersion } from '../conda-lock/locked-package.js';
import { redactUrl } from '../redact.js';
import { specPackage } from '../spec.js';
import { textAt, valueAt, type YamlNode } from '../yaml-tree.js';

/** `name[hash] @ location` */
const IDENTIFIER = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)(?:\[[0-9a-f]*\])? @ (.+)$/;

/**
 * A package that pixi builds from a repository or directory when it installs (`conda_source`). Mostly its version is not
 * known before it is built: then it is a problem that names it, and no package.
 */
export function sourcePackage(entry: YamlNode, identifier: string, spec: EnvironmentSpec): SpecPackage | null {
  const { line } = entry;
  const [, written, location = ''] = IDENTIFIER.exec(identifier) ?? [];
  const name = textAt(entry, 'name') ?? written;
  if (name === undefined) {
    spec.problems.push({ reason: 'name-invalid', message: 'The entry names no conda package.', line });
    return null;
  }
  const { place, reason } = originOf(valueAt(entry, 'source') ?? valueAt(entry, 'package_build_source'), location);
  const { url, hadCredentials } = redactUrl(place);
  if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  const { version } = fixedVersion(textAt(entry, 'version'));
  if (version === null) {
    const message = `${name} is built from ${url === '' ? 'source' : url}; the file fixes no version of it.`;
    spec.problems.push({ reason, message, line });
    return null;
  }
  return specPackage({
    ecosystem: 'conda',
    name,
    normalizedName: name.toLowerCase(),
    version,
    build: textAt(entry, 'build'),
    standing: 'locked',
    source: url || null,
    line,
    skipReason: reason,
  });
}

function originOf(source: YamlNode | null, location: string): { place: string; reason: SkipReason } {
  const git = textAt(source, 'git');
  const commit = textAt(source, 'rev');
  if (git !== null) return { place: commit === null ? git : `${git}#${commit}`, reason: 'vcs-source' };
  const url = textAt(source, 'url');
  if (url !== null) return { place: url, reason: 'url-source' };
  const isRepository = /^git\+|\.git(?:[?#]|$)/.test(location);
  const isUrl = /^https?:\/\//i.test(location);
  const place = textAt(source, 'path') ?? location;
  return { place, reason: isRepository ? 'vcs-source' : isUrl ? 'url-source' : 'local-path' };
}
