import type { EnvironmentSpec } from '@envarium/schema';
import { isSecretVariable, secretKindOf } from './dockerfile/secrets.js';
import { redactUrl } from './redact.js';

export interface CheckedValue {
  /** what may be shown; null when nothing may */
  readonly shown: string | null;
  readonly secret: EnvironmentSpec['secrets'][number]['kind'] | null;
}

/** Looks for a secret in the value of a variable. */
export function checkValue(name: string, value: string): CheckedValue {
  const secret = secretKindOf(value) ?? (isSecretVariable(name, value) ? 'password-variable' : null);
  if (secret !== null) return { shown: null, secret };
  const { url, hadCredentials } = redactUrl(value);
  return { shown: url, secret: hadCredentials ? 'url-credentials' : null };
}

/** Notes the secret that a variable seems to hold. @returns the value that may be shown, or null when none may */
export function withoutSecret(name: string, value: string, line: number, spec: EnvironmentSpec): string | null {
  const { shown, secret } = checkValue(name, value);
  if (secret !== null) spec.secrets.push({ kind: secret, line });
  return shown;
}
