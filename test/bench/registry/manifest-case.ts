import { createHash, randomBytes } from 'node:crypto';
import { OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCI_LAYER_TAR } from '@envarium/oci';
import { z } from 'zod';
import { exitOfProgram, isInstalled } from '../program.js';
import type { Comparison } from './comparison.js';
import { HttpConnection } from './http-connection.js';
import { ENVARIUM, type RegistryServer } from './server.js';
import { expectStatus, overConnections, pushBytes, REPOSITORY } from './transfers.js';

const CONNECTIONS = 8;
const Token = z.object({ token: z.string() });

/**
 * An image manifest by digest, over keep-alive connections.
 * @param identity `anonymous`: a public repository, like a registry without accounts; `token`: what docker sends after
 *   its log-in, which the other registries ignore
 */
export async function manifestRate(identity: 'anonymous' | 'token', seconds: number): Promise<Comparison> {
  const image = smallImage();
  const headers = new Map<RegistryServer, Record<string, string>>();
  return {
    title: `image manifest by digest, ${CONNECTIONS} connections, ${identity}`,
    unit: 'requests/s',
    bars: identity === 'anonymous' ? { 'docker-registry': 3 } : {},
    aims: {},
    stored: 1 << 20,
    async prepare(server) {
      await overConnections(server, 1, image.blobs, pushBytes);
      await overConnections(server, 1, [image.manifest], async (connection, { digest, bytes }) => {
        const headers = { 'Content-Type': OCI_IMAGE_MANIFEST };
        const { status } = await connection.request('PUT', `/v2/${REPOSITORY}/manifests/${digest}`, headers, bytes);
        expectStatus(status, 201, 'PUT');
      });
      if (server.name === ENVARIUM && identity === 'anonymous') await publish(server, image.manifest.digest);
      const isSigned = identity === 'token' && server.name === ENVARIUM;
      headers.set(server, isSigned ? { Authorization: `Bearer ${await registryToken(server)}` } : {});
    },
    renew: async () => {},
    async run(server) {
      const url = `${server.url}/v2/${REPOSITORY}/manifests/${image.manifest.digest}`;
      return await requestsPerSecond(url, { Accept: OCI_IMAGE_MANIFEST, ...headers.get(server) }, seconds);
    },
  };
}

/** Nobody but its authors sees a repository before something of it is published. */
async function publish(server: RegistryServer, image: string): Promise<void> {
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { ...server.headers, 'Content-Type': 'application/json' };
    const answer = await fetch(`${server.url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
  };
  const files = [{ path: 'requirements.txt', text: 'numpy==1.26.4\n' }];
  await post('deposits', { repository: REPOSITORY, image, files });
  await post(`versions/${encodeURIComponent(`${REPOSITORY}@v1`)}/publish`, {});
}

interface Bytes {
  readonly digest: string;
  readonly bytes: Buffer;
}

function smallImage(): { blobs: Bytes[]; manifest: Bytes } {
  const [config, layer] = [named(Buffer.from(JSON.stringify({ architecture: 'amd64' }))), named(randomBytes(1000))];
  const descriptor = (mediaType: string, { digest, bytes }: Bytes): object => ({
    mediaType,
    digest,
    size: bytes.length,
  });
  const document = {
    schemaVersion: 2,
    mediaType: OCI_IMAGE_MANIFEST,
    config: descriptor(OCI_IMAGE_CONFIG, config),
    layers: [descriptor(OCI_LAYER_TAR, layer)],
  };
  return { blobs: [config, layer], manifest: named(Buffer.from(JSON.stringify(document))) };
}

function named(bytes: Buffer): Bytes {
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

/** What docker gets for its credentials. */
async function registryToken(server: RegistryServer): Promise<string> {
  const secret = (server.headers['Authorization'] ?? '').replace(/^Bearer /, '');
  const answer = await fetch(`${server.url}/token?scope=repository:${REPOSITORY}:pull`, {
    headers: { Authorization: `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}` },
  });
  return Token.parse(await answer.json()).token;
}

/** `wrk` where it is installed: it takes less of the machine than Node does, which leaves more to every server. */
async function requestsPerSecond(url: string, headers: Record<string, string>, seconds: number): Promise<number> {
  if (!isInstalled('wrk')) return await countRequests(url, headers, seconds);
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const printed = await exitOfProgram('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, ...fields, url]);
  if (printed.includes('Non-2xx')) throw new Error(`${url}: ${printed}`);
  return Number(/^Requests\/sec: +(?<rate>[\d.]+)/m.exec(printed)?.groups?.['rate']);
}

async function countRequests(url: string, headers: Record<string, string>, seconds: number): Promise<number> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(url, headers)));
  const started = performance.now();
  let count = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() - started < seconds * 1000) {
        expectStatus((await connection.request('GET', url)).status, 200, 'GET');
        count += 1;
      }
    }),
  );
  for (const connection of connections) connection.close();
  return count / ((performance.now() - started) / 1000);
}
