export interface RedactedUrl {
  readonly url: string;
  readonly hadCredentials: boolean;
}

const AUTHORITY = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)([^/?#\s]*)/;
/** Bounded: a text of letters alone would be searched from each of them to its end. */
const SCHEME = /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,40}:\/\//;
const CONDA_TOKEN = /\/t\/([^/?#\s]+)(?=\/|$|[?#])/;
const SECRET_PARAMETER =
  /^(?:access_?token|api_?key|auth|auth_?token|jwt|key|pass|passwd|password|private_?token|secret|sig|signature|token|x-amz-credential|x-amz-security-token|x-amz-signature)$/i;
/** `${NAME}` and `$NAME` name a secret without telling it. */
const PLACEHOLDER = /^(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*|<[A-Za-z_ ]+>)$/;

/**
 * Takes credentials out of a URL and leaves the rest as it is written: `user:password@`, conda's `/t/<token>/`
 * (https://docs.anaconda.com/anacondaorg/user-guide/tasks/work-with-accounts/) and secret query parameters.
 * Names of variables that would be put in place of a secret stay. Text that is not a URL comes back unchanged.
 */
export function redactUrl(url: string): RedactedUrl {
  const withoutUser = removeUserInfo(url);
  const withoutToken = removeCondaToken(withoutUser);
  const clean = removeSecretParameters(withoutToken);
  return { url: clean, hadCredentials: clean !== url };
}

/** The same for a text that holds one URL, as `scm:git:https://...` and `xgit (https://...)`. */
export function redactWithin(text: string): RedactedUrl {
  const start = text.search(SCHEME);
  if (start <= 0) return redactUrl(text);
  const { url, hadCredentials } = redactUrl(text.slice(start));
  return { url: text.slice(0, start) + url, hadCredentials };
}

function removeUserInfo(url: string): string {
  const match = AUTHORITY.exec(url);
  const scheme = match?.[1];
  const authority = match?.[2];
  if (scheme === undefined || authority === undefined) return url;
  const at = authority.lastIndexOf('@');
  if (at === -1) return url;
  const [user = '', password] = splitOnce(authority.slice(0, at), ':');
  const rest = authority.slice(at + 1) + url.slice(scheme.length + authority.length);
  if (password === undefined || password === '' || PLACEHOLDER.test(password)) {
    // A lone user name in an ssh or git URL is an account, in http it is mostly a token (https://<token>@host/).
    const isAccount = /ssh:|^git:/i.test(scheme) || user === 'git' || user === '' || PLACEHOLDER.test(user);
    if (isAccount || (password !== undefined && PLACEHOLDER.test(password))) return url;
    return scheme + rest;
  }
  return scheme + rest;
}

function removeCondaToken(url: string): string {
  if (!url.includes('://')) return url;
  return url.replace(CONDA_TOKEN, (whole: string, token: string) => (PLACEHOLDER.test(token) ? whole : ''));
}

function removeSecretParameters(url: string): string {
  const start = url.indexOf('?');
  if (start === -1 || !url.includes('://')) return url;
  const hash = url.indexOf('#', start);
  const end = hash === -1 ? url.length : hash;
  const parameters = url.slice(start + 1, end).split('&');
  const kept = parameters.filter((parameter) => !isSecretParameter(parameter));
  if (kept.length === parameters.length) return url;
  const query = kept.length === 0 ? '' : `?${kept.join('&')}`;
  return url.slice(0, start) + query + url.slice(end);
}

function isSecretParameter(parameter: string): boolean {
  const [name = '', value = ''] = splitOnce(parameter, '=');
  return value !== '' && !PLACEHOLDER.test(value) && SECRET_PARAMETER.test(name);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
