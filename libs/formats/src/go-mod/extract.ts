import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { FormatError } from '../format.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLines } from '../text.js';
import { canonicalVersion, fitsMajorVersion, golangPurl, isModuleVersion } from './module-version.js';
import { readReplacements, type Replacement } from './replacements.js';
import { checkOtherDirectives } from './other-directives.js';
import { invalid, onlyWord, readStatements, shown, type Statement } from './statements.js';

const FILE_NAME = /(?:^|[-._])go[-.]mod$/;
const STARTS = /^(?:module|require|go|toolchain|replace|exclude|retract|godebug|tool|ignore)(?:[ \t(]|$)/;
const MODULE = /^module[ \t]+\S/m;
const GO = /^(?:go|toolchain)[ \t]+(?:go)?\d+\.\d+/m;
const REQUIREMENT = /^(?:require[ \t]+|[ \t]+)[^\s.]+\.\S+[ \t]+v\d+\.\d+\.\d+/m;
const GO_VERSION = /^[1-9]\d*\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))?(?:[a-z]+\d+)?$/;
const TOOLCHAIN = /^(?:default|go1(?:\.\S*)?)$/;

export function extract(content: string, path: string): EnvironmentSpec | null {
  const lines = splitLines(content);
  const first = lines.find((line) => line.trim() !== '' && !line.trimStart().startsWith('//'));
  if (first === undefined || !STARTS.test(first)) return null;
  const isNamed = FILE_NAME.test(path.slice(path.lastIndexOf('/') + 1));
  if (!isNamed && !(MODULE.test(content) && GO.test(content)) && !REQUIREMENT.test(content)) return null;

  const statements = readStatements(lines);
  const spec = emptySpec('go-mod', 'language');
  readToolchain(statements, spec);
  readRequirements(statements, spec);
  checkOtherDirectives(statements);
  return spec;
}

/** Both name the least version of Go: a newer one is used when it is there. */
function readToolchain(statements: readonly Statement[], spec: EnvironmentSpec): void {
  for (const verb of ['module', 'go', 'toolchain']) {
    const [, second] = statements.filter((statement) => statement.verb === verb);
    if (second !== undefined) throw invalid(`${verb} stands twice.`, second.line);
  }
  for (const { verb, words, line } of statements) {
    if (verb !== 'go' && verb !== 'toolchain') continue;
    const word = onlyWord(words, verb, line);
    if (!(verb === 'go' ? GO_VERSION : TOOLCHAIN).test(word)) {
      throw new FormatError('version-invalid', `${shown(word)} is no version of Go.`, line);
    }
    if (word === 'default') continue;
    spec.runtimes.push({ name: 'go', version: null, specifier: `>=${word.replace(/^go/, '')}`, line });
  }
}

function readRequirements(statements: readonly Statement[], spec: EnvironmentSpec): void {
  const replacements = readReplacements(statements);
  const excluded = readExcluded(statements);
  const problems = new ProblemLog();
  for (const { verb, words, comment, line } of statements) {
    if (verb !== 'require') continue;
    const [module, version] = readModule(words, verb, line);
    const canonical = canonicalVersion(version);
    const key = `${module}@${canonical}`;
    const replacement = replacements.get(key) ?? replacements.get(module);
    const known = {
      ecosystem: 'golang',
      name: module,
      version,
      standing: 'locked',
      group: isIndirect(comment) ? 'indirect' : null,
      line,
    } as const;
    if (replacement !== undefined) {
      spec.packages.push(specPackage({ ...known, ...replaced(version, replacement) }));
    } else if (excluded.has(key)) {
      const message = `${shown(module)} ${version} is required and excluded: Go takes the next version.`;
      problems.add({ reason: 'dynamic-value', message, line });
      spec.packages.push(specPackage({ ...known, purl: golangPurl(module, null), skipReason: 'dynamic-value' }));
    } else spec.packages.push(specPackage({ ...known, purl: golangPurl(module, canonical) }));
  }
  spec.problems = problems.toProblems();
}

/** The name and version stay those that are written; the purl is of the code that is used in their place. */
function replaced(version: string, { path, version: newVersion }: Replacement): Partial<SpecPackage> {
  if (newVersion === null) return { source: path, skipReason: 'local-path' };
  return {
    specifier: `${version} => ${path} ${newVersion}`,
    source: `${path}@${newVersion}`,
    purl: golangPurl(path, canonicalVersion(newVersion)),
  };
}

function readExcluded(statements: readonly Statement[]): ReadonlySet<string> {
  const excluded = new Set<string>();
  for (const { verb, words, line } of statements) {
    if (verb !== 'exclude') continue;
    const [module, version] = readModule(words, verb, line);
    excluded.add(`${module}@${canonicalVersion(version)}`);
  }
  return excluded;
}

function readModule(words: readonly string[], verb: string, line: number): readonly [string, string] {
  const [module, version] = words;
  if (module === undefined || version === undefined || words.length !== 2) {
    throw invalid(`${verb} takes a module and a version.`, line);
  }
  if (!isModuleVersion(version)) {
    throw new FormatError('version-invalid', `${shown(version)} is no version of a module.`, line);
  }
  if (!fitsMajorVersion(module, version)) {
    throw new FormatError('version-invalid', `${shown(version)} does not fit the path ${shown(module)}.`, line);
  }
  return [module, version];
}

/** `// indirect`, alone or before a semicolon: the go command's own mark. */
function isIndirect(comment: string | null): boolean {
  return comment !== null && /^indirect(?:$|;\s)/.test(comment);
}
