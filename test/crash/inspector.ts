import { digestOf } from '@envarium/oci';
import { z } from 'zod';
import { type Acknowledged, request, Version } from './author.js';

const Tags = z.object({ tags: z.array(z.string()) });
const ImageManifest = z.object({
  config: z.object({ digest: z.string(), size: z.number() }),
  layers: z.array(z.object({ digest: z.string(), size: z.number() })),
});
const VersionPage = z.object({ items: z.array(Version) });

/** Everything that is wrong: something acknowledged that is not there, or something half-done that can be seen. */
export async function inspect(
  url: string,
  repositories: readonly string[],
  acknowledged: Acknowledged,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, size] of acknowledged.blobs) {
    const [repository, digest] = name.split('@');
    const bytes = await content(`${url}/v2/${repository}/blobs/${digest}`);
    if (bytes === null || bytes.length !== size || digestOf(bytes) !== digest) faults.push(`lost blob ${name}`);
  }
  for (const [name, expected] of acknowledged.manifests) {
    const [repository, digest] = name.split('@');
    const bytes = await content(`${url}/v2/${repository}/manifests/${digest}`);
    if (bytes === null || !bytes.equals(expected)) faults.push(`lost image manifest ${name}`);
  }
  for (const [reference, expected] of acknowledged.versions) {
    const response = await request(`${url}/api/v1/versions/${encodeURIComponent(reference)}`);
    const version = response.ok ? Version.parse(await response.json()) : null;
    const attempts = acknowledged.attempts.get(reference.slice(0, reference.indexOf('@')));
    if (!isKept(version, expected, attempts)) {
      const found = version === null ? `answer ${response.status}` : `${version.state}, image ${version.imageDigest}`;
      faults.push(`lost version ${reference} (${expected.state}, image ${expected.imageDigest}), found ${found}`);
    }
  }
  for (const repository of repositories) faults.push(...(await halfDone(url, repository)));
  return faults;
}

/** A publication stays as it is. A draft is the acknowledged one, or what a later deposit made of it whose answer was lost. */
function isKept(
  version: z.infer<typeof Version> | null,
  expected: { state: 'draft' | 'published'; recordDigest: string | null; imageDigest: string | null },
  attempts: ReadonlySet<string> | undefined,
): boolean {
  if (version === null) return false;
  const { state, recordDigest, imageDigest } = expected;
  if (state === 'draft')
    return version.imageDigest === imageDigest || attempts?.has(version.imageDigest ?? '') === true;
  return version.state === 'published' && version.recordDigest === recordDigest && version.imageDigest === imageDigest;
}

/** Whatever can be seen must be whole, acknowledged or not. */
async function halfDone(url: string, repository: string): Promise<string[]> {
  const faults: string[] = [];
  const listed = await request(`${url}/v2/${repository}/tags/list`);
  const { tags } = listed.ok ? Tags.parse(await listed.json()) : { tags: [] };
  for (const tag of tags) faults.push(...(await incomplete(url, repository, tag)));
  const page = await request(`${url}/api/v1/records/${encodeURIComponent(repository)}/versions`);
  const { items } = page.ok ? VersionPage.parse(await page.json()) : { items: [] };
  for (const { number, state } of items) {
    const hasTag = tags.includes(`v${number}.record`);
    if ((state === 'published') !== hasTag)
      faults.push(`${repository}@v${number} is ${state}, its record tag says ${hasTag}`);
  }
  return faults;
}

async function incomplete(url: string, repository: string, tag: string): Promise<string[]> {
  const bytes = await content(`${url}/v2/${repository}/manifests/${tag}`);
  if (bytes === null) return [`tag ${repository}:${tag} points at nothing`];
  const { config, layers } = ImageManifest.parse(JSON.parse(bytes.toString('utf8')));
  const faults: string[] = [];
  for (const { digest, size } of [config, ...layers]) {
    const response = await request(`${url}/v2/${repository}/blobs/${digest}`, { method: 'HEAD' });
    if (response.headers.get('content-length') !== String(size)) faults.push(`${repository}:${tag} lacks ${digest}`);
  }
  return faults;
}

async function content(url: string): Promise<Buffer | null> {
  const response = await request(url);
  return response.ok ? Buffer.from(await response.arrayBuffer()) : null;
}
