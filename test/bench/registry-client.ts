import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { BenchBlob } from './bench-blob.js';
import { exitOfProgram } from './program.js';
import type { RegistryServer } from './registry-server.js';

/*
 * curl does the transfer: it costs the least of all clients, so that what is measured is the server. The requests are
 * those of docker and podman: POST, one PATCH with all bytes, an empty PUT.
 */
const REPOSITORY = 'bench/blobs';

/** Returns seconds, from the opening of the upload to the answer that the blob is stored. */
export async function pushBlob(server: RegistryServer, blob: BenchBlob): Promise<number> {
  const started = performance.now();
  const opened = await fetch(`${server.url}/v2/${REPOSITORY}/blobs/uploads/`, {
    method: 'POST',
    headers: server.headers,
  });
  expectStatus(opened.status, 202, 'POST');
  const location = new URL(opened.headers.get('location') ?? '', server.url).href;
  const request = [
    '--request',
    'PATCH',
    '--upload-file',
    blob.file,
    '--header',
    'Content-Type: application/octet-stream',
  ];
  // Asking first whether the body is welcome would cost a round trip that docker does not make.
  const sent = await curl(server, [
    ...request,
    '--header',
    'Expect:',
    '--dump-header',
    '-',
    '--output',
    '/dev/null',
    location,
  ]);
  const next = /^location: *(?<url>\S+)/im.exec(sent)?.groups?.['url'];
  expectStatus(Number(/^HTTP\/1\.1 (?<status>\d+)/m.exec(sent)?.groups?.['status']), 202, 'PATCH');
  const closing = new URL(next ?? '', server.url);
  closing.searchParams.set('digest', blob.digest);
  const closed = await fetch(closing, { method: 'PUT', headers: server.headers });
  expectStatus(closed.status, 201, 'PUT');
  return (performance.now() - started) / 1000;
}

/** Returns seconds. */
export async function pullBlob(server: RegistryServer, blob: BenchBlob): Promise<number> {
  const format = '%{http_code} %{size_download} %{time_total}';
  const printed = await curl(server, ['--output', '/dev/null', '--write-out', format, blobUrl(server, blob)]);
  const [status, received, seconds] = printed.split(' ').map(Number);
  expectStatus(status, 200, 'GET');
  if (received !== blob.size) throw new Error(`GET of ${server.name} gave ${received} of ${blob.size} bytes`);
  return seconds ?? Number.NaN;
}

/** Pulls and compares the digest, outside of any measurement. */
export async function pullVerified(server: RegistryServer, blob: BenchBlob): Promise<void> {
  const child = spawn('curl', [...common(server), blobUrl(server, blob)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const hash = createHash('sha256');
  for await (const chunk of child.stdout) hash.update(chunk as Buffer);
  const digest = `sha256:${hash.digest('hex')}`;
  if (digest !== blob.digest) throw new Error(`${server.name} gave ${digest} for ${blob.digest}`);
}

function blobUrl(server: RegistryServer, blob: BenchBlob): string {
  return `${server.url}/v2/${REPOSITORY}/blobs/${blob.digest}`;
}

async function curl(server: RegistryServer, parameters: readonly string[]): Promise<string> {
  return await exitOfProgram('curl', [...common(server), ...parameters]);
}

function common(server: RegistryServer): string[] {
  const headers = Object.entries(server.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  return ['--silent', '--show-error', '--http1.1', ...headers];
}

function expectStatus(actual: number | undefined, expected: number, method: string): void {
  if (actual !== expected) throw new Error(`${method} answered ${actual}, not ${expected}`);
}
