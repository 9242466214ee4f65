import { FormatError } from '../format.js';
import { canonicalVersion, fitsMajorVersion, isModuleVersion } from './module-version.js';
import { invalid, shown, type Statement } from './statements.js';

/** What stands right of the arrow: a module with its version, or a folder. */
export interface Replacement {
  readonly path: string;
  readonly version: string | null;
}

/** It comes again with every requirement of the module. */
const MOST_CHARACTERS = 500;
const FOLDER = /^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[A-Za-z]:)/;

/** Replacements by `module` and `module@version`; the one with a version goes before. */
export function readReplacements(statements: readonly Statement[]): ReadonlyMap<string, Replacement> {
  const replacements = new Map<string, Replacement>();
  for (const { verb, words, line } of statements) {
    if (verb !== 'replace') continue;
    const arrow = words.indexOf('=>');
    const [module, version] = words.slice(0, arrow);
    const [path, newVersion = null, ...more] = words.slice(arrow + 1);
    if (arrow < 1 || arrow > 2 || module === undefined || path === undefined || more.length > 0) {
      throw invalid('replace takes module [version] => module version, or => folder.', line);
    }
    if (version !== undefined) checkVersion(module, version, line);
    checkReplacement(path, newVersion, line);
    const key = version === undefined ? module : `${module}@${canonicalVersion(version)}`;
    replacements.set(key, { path, version: newVersion });
  }
  return replacements;
}

function checkVersion(module: string, version: string, line: number): void {
  if (isModuleVersion(version) && fitsMajorVersion(module, version)) return;
  throw new FormatError('version-invalid', `${shown(version)} is no version of ${shown(module)}.`, line);
}

function checkReplacement(path: string, version: string | null, line: number): void {
  if (path.length > MOST_CHARACTERS) {
    throw new FormatError('limit-exceeded', `A replacement is read up to ${MOST_CHARACTERS} characters.`, line);
  }
  const isFolder = FOLDER.test(path);
  if (version === null && !isFolder) throw invalid(`${shown(path)} has no version and is no folder.`, line);
  if (version === null) return;
  if (isFolder) throw invalid(`The folder ${shown(path)} cannot have a version.`, line);
  if (!isModuleVersion(version)) {
    throw new FormatError('version-invalid', `${shown(version)} is no version of a module.`, line);
  }
}
