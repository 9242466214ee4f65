import path from 'node:path';

export interface Running {
  readonly url: string;
  /** Null: an administrator exists already. */
  readonly adminToken: string | null;
  readonly dataDir: string;
}

/** @param program how this program was called, for commands to paste */
export function bannerLines({ url, adminToken, dataDir }: Running, program: string): string[] {
  return [
    '',
    `Envarium is running at ${url}`,
    `Data is in ${dataDir}. Ctrl-C stops everything.`,
    ...tokenLines({ url, adminToken }, program),
    '',
    'Try next, in another terminal:',
    `  ${program} namespace create lab`,
    `  ${program} capture .`,
    `  ${program} deposit . --record lab/first`,
    '',
  ];
}

/** What must be said even when nothing else is. */
export function tokenLines({ url, adminToken }: Pick<Running, 'url' | 'adminToken'>, program: string): string[] {
  if (adminToken === null) return [];
  return [
    '',
    `Administrator token, shown this once: ${adminToken}`,
    'Keep it for the command line:',
    `  ${program} login ${url} --token ${adminToken}`,
    `It is also the password of "admin" for docker login. Other tokens: ${program} token create NAME`,
  ];
}

/** A way to call this program again that works where we are. */
export function programName(script: string): string {
  return path.basename(script) === 'envarium' ? 'envarium' : `node ${path.relative('.', script)}`;
}
