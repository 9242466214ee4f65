import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { exitOfProgram } from '../program.js';
import type { BenchBlob } from './bench-blob.js';
import { HttpConnection } from './http-connection.js';
import type { RegistryServer } from './server.js';

/*
 * curl carries large blobs: it costs the least of all clients, so that what is measured is the server. The requests are
 * those of docker and podman: POST, one PATCH with all bytes, an empty PUT.
 */
export const REPOSITORY = 'bench/blobs';
const OCTETS = { 'Content-Type': 'application/octet-stream' };

/** Returns seconds, from the opening of the upload to the answer that the blob is stored. */
export async function pushFile(server: RegistryServer, blob: BenchBlob): Promise<number> {
  const started = performance.now();
  const opened = await fetch(`${server.url}/v2/${REPOSITORY}/blobs/uploads/`, {
    method: 'POST',
    headers: server.headers,
  });
  expectStatus(opened.status, 202, 'POST');
  const location = new URL(opened.headers.get('location') ?? '', server.url).href;
  // Asking first whether the body is welcome would cost a round trip that docker does not make.
  const headers = ['--header', 'Content-Type: application/octet-stream', '--header', 'Expect:'];
  const request = ['--request', 'PATCH', '--upload-file', blob.file, ...headers];
  const sent = await curl(server, [...request, '--dump-header', '-', '--output', '/dev/null', location]);
  const next = /^location: *(?<url>\S+)/im.exec(sent)?.groups?.['url'];
  expectStatus(Number(/^HTTP\/1\.1 (?<status>\d+)/m.exec(sent)?.groups?.['status']), 202, 'PATCH');
  const closing = new URL(next ?? '', server.url);
  closing.searchParams.set('digest', blob.digest);
  const closed = await fetch(closing, { method: 'PUT', headers: server.headers });
  expectStatus(closed.status, 201, 'PUT');
  return (performance.now() - started) / 1000;
}

/** Pulls one after the other over one connection. Returns seconds, without those that curl takes to start. */
export async function pullToNowhere(
  server: RegistryServer,
  blobs: readonly { readonly digest: string; readonly size: number }[],
): Promise<number> {
  const targets = blobs.flatMap(({ digest }) => ['--output', '/dev/null', blobUrl(server, digest)]);
  const printed = await curl(server, ['--write-out', '%{http_code} %{size_download} %{time_total}\\n', ...targets]);
  const lines = printed.trim().split('\n');
  return blobs.reduce((sum, { size }, index) => {
    const [status, received, seconds = Number.NaN] = (lines[index] ?? '').split(' ').map(Number);
    expectStatus(status, 200, 'GET');
    if (received !== size) throw new Error(`GET of ${server.name} gave ${received} of ${size} bytes`);
    return sum + seconds;
  }, 0);
}

/** Pulls and compares the digest, outside of any measurement. */
export async function pullVerified(server: RegistryServer, digest: string): Promise<void> {
  const child = spawn('curl', [...common(server), blobUrl(server, digest)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const hash = createHash('sha256');
  for await (const chunk of child.stdout) hash.update(chunk as Buffer);
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== digest) throw new Error(`${server.name} gave ${actual} for ${digest}`);
}

/** The three requests over a connection that is there already. */
export async function pushBytes(
  connection: HttpConnection,
  blob: { readonly digest: string; readonly bytes: Buffer },
): Promise<void> {
  const opened = await connection.request('POST', `/v2/${REPOSITORY}/blobs/uploads/`);
  expectStatus(opened.status, 202, 'POST');
  const sent = await connection.request('PATCH', opened.headers.get('location') ?? '', OCTETS, blob.bytes);
  expectStatus(sent.status, 202, 'PATCH');
  const location = sent.headers.get('location') ?? '';
  const closing = `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`;
  expectStatus((await connection.request('PUT', closing)).status, 201, 'PUT');
}

/** Runs `work` on every item, each connection taking the next as soon as it is free. Returns seconds, without connecting. */
export async function overConnections<T>(
  server: RegistryServer,
  count: number,
  items: readonly T[],
  work: (connection: HttpConnection, item: T) => Promise<void>,
): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: count }, () => HttpConnection.open(server.url, server.headers)),
  );
  try {
    const left = items.values();
    const started = performance.now();
    await Promise.all(
      connections.map(async (connection) => {
        for (const item of left) await work(connection, item);
      }),
    );
    return (performance.now() - started) / 1000;
  } finally {
    for (const connection of connections) connection.close();
  }
}

export function expectStatus(actual: number | undefined, expected: number, method: string): void {
  if (actual !== expected) throw new Error(`${method} answered ${actual}, not ${expected}`);
}

function blobUrl(server: RegistryServer, digest: string): string {
  return `${server.url}/v2/${REPOSITORY}/blobs/${digest}`;
}

async function curl(server: RegistryServer, parameters: readonly string[]): Promise<string> {
  return await exitOfProgram('curl', [...common(server), ...parameters]);
}

function common(server: RegistryServer): string[] {
  const headers = Object.entries(server.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  return ['--silent', '--show-error', '--http1.1', ...headers];
}
