import type { ApiClient } from './client/api-client.js';
import type { RegistryClient } from './client/registry-client.js';
import type { Output } from './output.js';

/** The server that a command talks to. */
export interface Connection {
  readonly serverUrl: string;
  /** False: what is public only. */
  readonly isLoggedIn: boolean;
  readonly api: ApiClient;
  readonly registry: RegistryClient;
}

export interface CommandContext {
  readonly output: Output;
  /** Of this program. */
  readonly version: string;
  settings(): Promise<Settings>;
  /** Opens no connection yet. */
  connect(): Promise<Connection>;
}

/** Flags, else environment; the login file is not looked at yet. */
export interface Settings {
  readonly serverUrl: string | null;
  readonly token: string | null;
  /** Where `envarium login` keeps its file. */
  readonly configDirectory: string;
}

/** What stood on the command line; each command parses its own. */
export interface CommandInput {
  readonly args: readonly string[];
  readonly options: unknown;
  /** After `--`, for a command that runs another one. */
  readonly rest: readonly string[];
}

export type Command = (context: CommandContext, input: CommandInput) => Promise<void>;
