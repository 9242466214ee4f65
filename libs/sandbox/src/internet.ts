import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type CellPlan, INSIDE } from './cell/plan.js';
import type { Internet } from './executor.js';
import { compiledDirectory } from './programs.js';
import { trustFiles, trustVariables } from './stand-in/trust.js';

export interface PreparedInternet {
  readonly standIn: CellPlan['standIn'];
  /** For programs in containers, and for the builder, which fetches what ADD names. */
  readonly container: Readonly<Record<string, string>>;
  readonly builder: Readonly<Record<string, string>>;
}

const CERTIFICATE = 'ca.pem';

/** @param injected directory that programs inside can read */
export async function prepareInternet(
  internet: Internet,
  directory: string,
  injected: string,
): Promise<PreparedInternet> {
  if (internet.kind === 'off') return { standIn: null, container: {}, builder: {} };
  const { certificate, key } = internet.authority;
  const authority = path.join(directory, 'authority');
  await mkdir(authority, { mode: 0o700 });
  await writeFile(path.join(authority, CERTIFICATE), certificate);
  await writeFile(path.join(authority, 'ca.key'), key, { mode: 0o600 });
  await writeFile(path.join(injected, CERTIFICATE), certificate);
  const seen = path.posix.join(INSIDE.injectedInContainer, CERTIFICATE);
  for (const { name, content } of trustFiles(seen)) await writeFile(path.join(injected, name), content);
  const program = path.join(compiledDirectory(), 'stand-in/main.js');
  return {
    standIn: { program, socket: internet.socket, authority, ports: internet.ports },
    container: trustVariables(seen),
    builder: { SSL_CERT_FILE: path.posix.join(INSIDE.injected, CERTIFICATE) },
  };
}
