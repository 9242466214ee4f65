import type { Connection, Settings } from '../context.js';
import { usageError } from '../failure.js';
import { ApiClient } from './api-client.js';
import { HttpClient } from './http-client.js';
import { readLoginFile, type LoginFile } from './login-file.js';
import { RegistryClient } from './registry-client.js';

const DEFAULT_SERVER = 'http://127.0.0.1:5080';

/** Flags and environment stand above the login file, which stands above the default. */
export function chooseServer(
  given: Pick<Settings, 'serverUrl' | 'token'>,
  file: LoginFile | null,
): { serverUrl: string; token: string | null } {
  const serverUrl = normalizeServerUrl(given.serverUrl ?? file?.server ?? DEFAULT_SERVER);
  return { serverUrl, token: given.token ?? file?.tokens[serverUrl] ?? null };
}

/** One spelling for each server. @throws CommandFailed for what is no http address */
export function normalizeServerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.host === '') {
    throw usageError(`${text} is not the address of a server`, 'Write it as in https://envarium.example.org.');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

export async function connect(settings: Settings, version: string): Promise<Connection> {
  const { serverUrl, token } = chooseServer(settings, await readLoginFile(settings.configDirectory));
  return connectTo(serverUrl, token, version);
}

export function connectTo(serverUrl: string, token: string | null, version: string): Connection {
  const http = new HttpClient(serverUrl, token, `envarium/${version}`);
  return { serverUrl, isLoggedIn: token !== null, api: new ApiClient(http), registry: new RegistryClient(http) };
}
