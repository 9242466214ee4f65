import { describe, expect, it } from 'vitest';
import { noteScriptSecrets } from './script-secrets.js';
import { emptySpec } from './spec.js';

function secretsOf(line: string): string[] {
  const spec = emptySpec('makefile', 'language');
  noteScriptSecrets(['# nothing', line], 1, spec);
  return spec.secrets.map(({ kind, line: number }) => `${kind} ${number}`);
}

describe('formats/script-secrets', () => {
  it.each([
    ['curl https://jane:hunter22@files.example.org/a', ['url-credentials 2']],
    ['export DB_PASSWORD="hunter22"', ['password-variable 2']],
    ['API_KEY := abcd1234efgh', ['password-variable 2']],
    ['make TOKEN=abcd1234efgh run', ['password-variable 2']],
    ['git clone https://x.example.org # ghp_0123456789abcdefghijklmnopqrstuvwxyzAB', ['token 2']],
    ['-----BEGIN RSA PRIVATE KEY-----', ['private-key 2']],
    ['export DB_PASSWORD=$(cat /run/secret)', []],
    ['TOKENIZERS_PARALLELISM=false', []],
    ['curl https://files.example.org/a?b=c', []],
    ['ssh://git@code.example.org/a', []],
  ])('sees in %s %j', (line, secrets) => {
    expect(secretsOf(line)).toEqual(secrets);
  });
});
