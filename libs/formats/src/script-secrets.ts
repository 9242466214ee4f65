import type { EnvironmentSpec } from '@envarium/schema';
import { isSecretVariable, secretKindOf } from './dockerfile/secrets.js';
import { limits } from './limits.js';
import { redactUrl } from './redact.js';
import { readShellWord } from './shell-word.js';

const ASSIGNMENT = /(?:^|[\s;"'])([A-Za-z_]\w{0,100})[ \t]*[:?]?=[ \t]*(?=\S)/g;
const URL = /[A-Za-z][\w+.-]{0,20}:\/\/[^\s'"<>`]{1,2000}/g;

/** Notes by line what looks like a secret in lines that are otherwise not read. @param first 1-based number of the first line */
export function noteScriptSecrets(lines: readonly string[], first: number, spec: EnvironmentSpec): void {
  for (const [index, line] of lines.entries()) {
    const kind = line.length <= limits.lineCharacters ? secretIn(line) : null;
    if (kind !== null) spec.secrets.push({ kind, line: first + index });
  }
}

function secretIn(line: string): EnvironmentSpec['secrets'][number]['kind'] | null {
  const kind = secretKindOf(line);
  if (kind !== null) return kind;
  for (const [url] of line.matchAll(URL)) if (redactUrl(url).hadCredentials) return 'url-credentials';
  for (const match of line.matchAll(ASSIGNMENT)) {
    const { text, isLiteral } = readShellWord(line.slice(match.index + match[0].length, match.index + 1000));
    if (isLiteral && isSecretVariable(match[1] ?? '', text)) return 'password-variable';
  }
  return null;
}
