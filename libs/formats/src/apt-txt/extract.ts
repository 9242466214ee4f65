import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLinesWithinLimit } from '../text.js';

export const FILE_NAME = /(?:^|[^a-z])apt\.txt$/i;

/** `name`, `name:architecture`, `name=version`, `name/release`, as apt-get takes them. A dash behind a name would remove it. */
const WORD =
  /^(?<name>[a-z0-9][a-z0-9+.-]*[a-z0-9+.])(?::(?<architecture>[a-z0-9-]+))?(?:=(?<version>(?:\d+:)?[0-9A-Za-z][0-9A-Za-z.+~:-]*)|\/(?<release>[a-z][a-z0-9-]*))?$/;
/** Programs that people write into this file together with what they should do. */
const COMMAND =
  /^(?:sudo|apt|apt-get|aptitude|dpkg|conda|mamba|pip3?|npm|brew|yum|dnf|apk|add-apt-repository|wget|curl|git|echo|cd|export|rm|mv|cp)$/;
const VERB = /^(?:add|clone|install|remove|update|upgrade)$/;

/** Names of Debian packages, one or more a line. https://repo2docker.readthedocs.io/en/latest/configuration/system/#apt-txt */
export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!FILE_NAME.test(path)) return null;
  const spec = emptySpec('apt-txt', 'container');
  for (const [index, text] of splitLinesWithinLimit(content).entries()) {
    const [names = ''] = text.split('#', 1);
    if (names.trim() !== '') readLine(names.trim(), index + 1, spec);
  }
  const hasPackages = spec.packages.length > 0;
  return hasPackages || spec.problems.length > 0 ? spec : null;
}

/** One word that is no name makes the line something else: nothing of it is taken. */
function readLine(text: string, line: number, spec: EnvironmentSpec): void {
  const refuse = (message: string): void => {
    spec.problems.push({ reason: 'syntax-invalid', message, line });
  };
  if (text.length > limits.lineCharacters) return refuse('The line is too long.');
  const words = text.split(/\s+/);
  if (isCommand(words)) return refuse('The line is a command; repo2docker would take its words for packages.');
  const matches = words.map((word) => WORD.exec(word)?.groups);
  if (!matches.every((match) => match !== undefined)) return refuse('The line is no list of Debian packages.');
  for (const { name = '', architecture, version, release } of matches) {
    if (spec.packages.length >= limits.packages) {
      throw new FormatError('limit-exceeded', `A file is read up to ${limits.packages} packages.`, line);
    }
    spec.packages.push(
      specPackage({
        ecosystem: 'deb',
        name,
        version: version ?? null,
        specifier: version !== undefined ? `=${version}` : release !== undefined ? `/${release}` : null,
        build: architecture ?? null,
        standing: 'declared',
        line,
        skipReason: version === undefined ? 'no-version' : null,
      }),
    );
  }
}

function isCommand([first = '', ...rest]: readonly string[]): boolean {
  return rest.some((word) => word.startsWith('-')) || (COMMAND.test(first) && rest.some((word) => VERB.test(word)));
}
