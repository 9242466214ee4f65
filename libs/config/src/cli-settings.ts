import os from 'node:os';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { readSecretFiles } from './secret-files.js';

/** What the command line takes from its environment. Flags stand above it, the file of `envarium login` below it. */
export const CliEnvironment = z.object({
  ENVARIUM_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Server that the command line talks to, as in https://envarium.example.org.'),
  ENVARIUM_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'may hold printable ASCII without blanks only')
    .optional()
    .describe('Token that the command line shows to the server.'),
  XDG_CONFIG_HOME: z.string().optional().describe('Directory of configuration files. Default: ~/.config.'),
});

export interface CliSettings {
  readonly serverUrl: string | null;
  readonly token: string | null;
  /** Where `envarium login` keeps its file. */
  readonly configDirectory: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws ArchiveError CONFIG_INVALID with every problem, by variable */
export function readCliSettings(variables: Variables = process.env): CliSettings {
  const { values, problems } = readSecretFiles(variables, Object.keys(CliEnvironment.shape));
  const parsed = CliEnvironment.safeParse(values);
  const issues = parsed.success ? [] : parsed.error.issues;
  const faults = [...problems, ...issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)];
  if (!parsed.success || faults.length > 0) throw new ArchiveError('CONFIG_INVALID', { problems: faults });
  const { ENVARIUM_URL, ENVARIUM_TOKEN, XDG_CONFIG_HOME } = parsed.data;
  // https://specifications.freedesktop.org/basedir-spec/latest/: a relative path is to be ignored.
  const home = XDG_CONFIG_HOME !== undefined && path.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : null;
  return Object.freeze({
    serverUrl: ENVARIUM_URL ?? null,
    token: ENVARIUM_TOKEN ?? null,
    configDirectory: path.join(home ?? path.join(os.homedir(), '.config'), 'envarium'),
  });
}
