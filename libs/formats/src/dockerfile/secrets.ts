/**
 * Names under which secrets stand, after BuildKit's own check
 * (https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/). Fingerprints of public keys are none.
 */
const SECRET_NAME =
  /(?:^|_)(?:api_?keys?|auth|credentials?|key|passwords?|passwd|passphrase|pword|secrets?|token|tokens)(?:_|$)/i;
const PUBLIC_NAME = /(?:^|_)(?:public|gpg|pgp|fingerprint|path|file|dir|url|id|type|size|length)(?:_|$)/i;
const NO_SECRET_VALUE = /^(?:|\d{1,4}|true|false|yes|no|on|off|none|null|[./~].*|<.*>|changeme)$/is;

const VARIABLE = /^\$(?:\w+|\{\w+\})$/;

/** @param value the value the file sets, after expansion; what is told only to the build is no secret here */
export function isSecretVariable(name: string, value: string): boolean {
  if (!SECRET_NAME.test(name) || PUBLIC_NAME.test(name)) return false;
  return !NO_SECRET_VALUE.test(value) && !VARIABLE.test(value);
}

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY/;
/** Token shapes that their issuers publish so that they can be found. */
const TOKEN =
  /(?:^|[^A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|hf_[A-Za-z]{30,}|AKIA[0-9A-Z]{16}|xox[abpr]-[\w-]{10,})/;

/** The kind of secret a value gives away by its own shape. */
export function secretKindOf(value: string): 'private-key' | 'token' | null {
  if (PRIVATE_KEY.test(value)) return 'private-key';
  return TOKEN.test(value) ? 'token' : null;
}
