import type { EnvironmentSpec } from '@envarium/schema';
import { isSecretVariable, secretKindOf } from './dockerfile/secrets.js';
import { redactUrl } from './redact.js';

/** Notes the secret that a variable seems to hold. @returns the value that may be shown, or null when none may */
export function withoutSecret(name: string, value: string, line: number, spec: EnvironmentSpec): string | null {
  const kind = secretKindOf(value) ?? (isSecretVariable(name, value) ? 'password-variable' : null);
  if (kind !== null) {
    spec.secrets.push({ kind, line });
    return null;
  }
  const { url, hadCredentials } = redactUrl(value);
  if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  return url;
}
