import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { isNumberVariable } from '../number-variables.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { withoutSecret } from '../variable-secrets.js';
import { parseVariables, type VariableListing } from './parse.js';

/** A hint where the content alone is weak. */
const FILE_NAME =
  /^(?:\.env(?:\.[\w-]+)?|(?:[\w-]+\.)?env|(?:env|printenv|environ)(?:[-_.](?:vars?|variables|dump|list))?\.(?:txt|out|log|list))$/;
/** Names that stand in nearly every environment, so that a file of other assignments is not taken for one. */
const USUAL =
  /^(?:COLORTERM|COMPUTERNAME|CONDA_(?:DEFAULT_ENV|PREFIX)|EDITOR|HOME|HOSTNAME|LD_LIBRARY_PATH|LD_PRELOAD|LESSOPEN|LOGNAME|LS_COLORS|MAIL|MANPATH|MODULEPATH|OLDPWD|PAGER|PATH|PS1|PWD|PYTHONPATH|SHELL|SHLVL|SSH_CONNECTION|SYSTEMROOT|TEMP|TERM|TMP|TMPDIR|USER|USERNAME|USERPROFILE|VIRTUAL_ENV|WINDIR|XDG_RUNTIME_DIR|_)$/i;
/** A cheap test before lines are read. */
const MAY_BE = /^(?:[ \t]*(?:export|declare|typeset|setenv|\$env:)|[A-Za-z_]\w*=)/im;

/**
 * What `env` prints or a shell is to read. Of the variables only those that change numbers are read: the others name people,
 * machines and places. Secrets are looked for in all.
 */
export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!MAY_BE.test(content)) return null;
  const longLine = splitLines(content).findIndex((line) => line.length > 4 * limits.lineCharacters);
  const listing = parseVariables(content);
  if (!isEnvironment(listing, content, path)) return null;
  if (longLine !== -1) {
    const message = `A line is read up to ${4 * limits.lineCharacters} characters.`;
    throw new FormatError('limit-exceeded', message, longLine + 1);
  }
  const spec = emptySpec('env-vars', 'host');
  const values = new Map<string, string>();
  for (const { name, value, line } of listing.variables) {
    const shown = withoutSecret(name, value, line, spec);
    // A later assignment holds.
    if (isNumberVariable(name) && shown !== null) values.set(name, shown);
  }
  spec.variables = [...values].map(([name, value]) => ({ name, value }));
  return spec;
}

function isEnvironment({ variables, foreignLine, ownLines }: VariableListing, content: string, path: string): boolean {
  if (foreignLine !== null || variables.length === 0) return false;
  const usual = variables.filter(({ name }) => USUAL.test(name) || isNumberVariable(name)).length;
  const isNamed = FILE_NAME.test(path.slice(path.lastIndexOf('/') + 1));
  if (usual === 0 || (usual === 1 && variables.length > 1 && !isNamed)) return false;
  if (variables.length === 1 && !isNamed) return false;
  // Values of several lines are rare; exported functions have many.
  return usual > 4 || ownLines * 2 > splitLines(content).length;
}
