import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { noteScriptSecrets } from '../script-secrets.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { checkValue } from '../variable-secrets.js';

const FILE_NAME = /(?:^|\/)(?:GNU)?makefile(?:[._-][\w.-]+)?$|\.mk$/i;
const MOST_LINES = 100_000;
/** What only make writes: asked of a file under any name, since lists in prose have colons and tabs too. */
const MARK = /\$[({@<^?*+]|^\.PHONY[ \t]*:|^[A-Za-z_]\w*[ \t]*::?=/m;
/** Python, which may be indented by tabs. */
const STATEMENT = /^(?:async|class|def|elif|else|except|finally|for|if|match|try|while|with)\b/;
/** A target before a colon that is no assignment, and no key of YAML: a recipe follows it. */
const RULE = /^(?:[^\s#:=][^#:=]{0,1000})(?:::?)(?:[^=]|$)/;
const ASSIGNMENT =
  /^[ ]*(?:(?:export|override|private|unexport|undefine|define)[ \t]+)*[^\s#:=]{1,200}[ \t]*(?:\+|\?|!|:{0,3})=/;
const DIRECTIVE =
  /^[ ]*(?:-?include|sinclude|ifeq|ifneq|ifdef|ifndef|else|endif|define|endef|export|unexport|undefine|vpath|load)\b/;
/** A value that make takes as it is: no reference to another variable, no function. */
const EXPORT = /^[ ]*export[ \t]+([A-Za-z_]\w*)[ \t]*(?:::?:?|\?)?=([^$#]*)(?:#.*)?$/;
const INCLUDE = /^[ ]*(?:-?include|sinclude)[ \t]+([^$*?#]+)$/;

/** Reads what a Makefile exports and includes, where it is written out. It is a program, and the rest of it stays opaque. */
export function extract(content: string, path: string): EnvironmentSpec | null {
  const lines = splitLines(content);
  const isNamed = FILE_NAME.test(path);
  if (!(isNamed || MARK.test(content)) || !isMakefile(lines, isNamed)) return null;
  if (lines.length > MOST_LINES) {
    throw new FormatError('limit-exceeded', `A Makefile is read up to ${MOST_LINES} lines.`);
  }
  const spec = emptySpec('makefile', 'host');
  readExports(lines, spec);
  noteScriptSecrets(lines, 1, spec);
  const rule = lines.findIndex((line) => line.length <= limits.lineCharacters && RULE.test(line));
  const message = 'The file is a program: what its recipes install and run is not read.';
  spec.problems.push({ reason: 'dynamic-value', message, line: rule === -1 ? null : rule + 1 });
  return spec;
}

/** A rule with a recipe, which begins with a tab, and at the left edge nothing that make would not take. */
function isMakefile(lines: readonly string[], isNamed: boolean): boolean {
  let hasRecipe = false;
  let foreign = 0;
  let own = 0;
  let isContinued = false;
  let isAfterRule = false;
  for (const line of lines) {
    const wasContinued = isContinued;
    isContinued = line.endsWith('\\');
    if (wasContinued || line.length > limits.lineCharacters || /^[ \t]*(?:#|$)/.test(line)) continue;
    if (line.startsWith('\t')) {
      hasRecipe ||= isAfterRule;
      continue;
    }
    isAfterRule = RULE.test(line) && !STATEMENT.test(line);
    if (isAfterRule || ASSIGNMENT.test(line) || DIRECTIVE.test(line)) own += 1;
    else foreign += 1;
  }
  if (!hasRecipe) return isNamed && own > 0 && foreign === 0;
  return foreign * (isNamed ? 2 : 10) <= own;
}

function readExports(lines: readonly string[], spec: EnvironmentSpec): void {
  const values = new Map<string, string>();
  for (const line of lines) {
    if (line.length > limits.lineCharacters) continue;
    const [, name, value] = EXPORT.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !value.endsWith('\\')) {
      const { shown } = checkValue(name, value.trim());
      if (shown !== null) values.set(name, shown);
    }
    const files = INCLUDE.exec(line)?.[1]?.trim().split(/\s+/) ?? [];
    for (const file of files) if (!spec.references.includes(file)) spec.references.push(file);
  }
  spec.variables = [...values].map(([name, value]) => ({ name, value }));
}
