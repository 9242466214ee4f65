import { createHash } from 'node:crypto';
import { z } from 'zod';
import { TOKEN } from './installation.js';

export interface Seen {
  readonly status: number;
  /** Digest of the body, when there is one that is whole. */
  readonly digest: string | null;
  readonly body: Buffer | null;
}

const BODY_KEPT = 4 * 1024 * 1024;
const Named = z.object({ digest: z.string(), size: z.number() });
const ImageManifest = z.object({ config: Named, layers: z.array(Named) });

/** Reads something of `/v2/` to its end. A body that breaks off has no digest. @param name as in `lab/eeg/blobs/sha256:...` */
export async function look(url: string, name: string, method: 'GET' | 'HEAD' = 'GET'): Promise<Seen> {
  const response = await fetch(`${url}/v2/${name}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
  const { status } = response;
  if (method === 'HEAD' || !response.ok || response.body === null) {
    await response.body?.cancel();
    return { status, digest: null, body: null };
  }
  const hash = createHash('sha256');
  const kept: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      hash.update(chunk);
      size += chunk.length;
      if (size <= BODY_KEPT) kept.push(chunk);
    }
  } catch {
    return { status, digest: null, body: null };
  }
  return { status, digest: `sha256:${hash.digest('hex')}`, body: size <= BODY_KEPT ? Buffer.concat(kept) : null };
}

/**
 * What is wrong with the things of these names: acknowledged and not there, or there and not what its name says. What was
 * sent and never acknowledged may be there or not; when it is, then whole.
 */
export async function faultsOf(
  url: string,
  names: Iterable<string>,
  acknowledged: ReadonlySet<string>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const name of names) {
    const seen = await look(url, name);
    const reference = name.slice(name.lastIndexOf('/') + 1);
    if (seen.status === 404) {
      if (acknowledged.has(name)) faults.push(`${name} was acknowledged and is lost`);
    } else if (seen.status !== 200) {
      faults.push(`${name} answers ${seen.status}`);
    } else if (reference.includes(':') && seen.digest !== reference) {
      faults.push(`${name} has bytes of ${seen.digest}`);
    } else if (name.includes('/manifests/')) {
      faults.push(...(await incomplete(url, name, seen)));
    }
  }
  return faults;
}

async function incomplete(url: string, name: string, { body }: Seen): Promise<string[]> {
  if (body === null) return [`${name} breaks off`];
  const { config, layers } = ImageManifest.parse(JSON.parse(body.toString('utf8')));
  const repository = name.slice(0, name.indexOf('/manifests/'));
  const faults: string[] = [];
  for (const { digest } of [config, ...layers]) {
    const { status } = await look(url, `${repository}/blobs/${digest}`, 'HEAD');
    if (status !== 200) faults.push(`${name} names ${digest}, which answers ${status}`);
  }
  return faults;
}
