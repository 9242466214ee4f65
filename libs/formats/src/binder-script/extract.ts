import type { EnvironmentSpec } from '@envarium/schema';
import { limits } from '../limits.js';
import { noteScriptSecrets } from '../script-secrets.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLinesWithinLimit } from '../text.js';
import { readCommands } from './commands.js';
import { literalNames } from './installs.js';

/** `start` is a common word: such a file must be a program by its first line. */
export const FILE_NAME = /(?:^|[^A-Za-z])(?<name>postBuild|start)$/;

const SHELL = /^#![^\n]*\b(?:ba|da|k|z)?sh\b/;
/** A postBuild without a first line of that kind is run by the shell. */
const PROGRAM = /^#!/;

/** Programs that repo2docker runs. https://repo2docker.readthedocs.io/en/latest/config_files/#postbuild-run-code-after-installing-the-environment */
export function extract(content: string, path: string): EnvironmentSpec | null {
  const group = FILE_NAME.exec(path)?.groups?.['name'];
  const isProgram = PROGRAM.test(content);
  if (group === undefined || content.trim() === '' || (group === 'start' && !isProgram)) return null;

  const spec = emptySpec('binder-script', 'language');
  const message = 'It is a program: what it does is known only by running it. Only names that stand in it are listed.';
  spec.problems.push({ reason: 'as-code', message, line: 1 });
  if (content.length > limits.programCharacters) {
    const tooLong = `A program is searched for names up to ${limits.programCharacters} characters.`;
    spec.problems.push({ reason: 'limit-exceeded', message: tooLong, line: null });
    return spec;
  }
  noteScriptSecrets(splitLinesWithinLimit(content), 1, spec);
  if (isProgram && !SHELL.test(content)) return spec;
  for (const command of readCommands(content, limits.lineCharacters)) {
    for (const { ecosystem, name, normalizedName, specifier } of literalNames(command)) {
      if (spec.packages.length >= limits.packages) return spec;
      spec.packages.push(
        specPackage({
          ecosystem,
          name,
          normalizedName,
          specifier,
          standing: 'declared',
          group,
          line: command.line,
          skipReason: 'as-code',
        }),
      );
    }
  }
  return spec;
}
