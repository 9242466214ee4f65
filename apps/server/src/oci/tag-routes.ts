import { sendJson, setNextLink } from './oci-reply.js';
import type { RepositoryCall } from './oci-services.js';
import { parsePageQuery, readPage } from './page-query.js';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags */
export async function listTags({ query, repository, services, reply }: RepositoryCall): Promise<void> {
  const { limit, after } = parsePageQuery(query);
  const { page, next } = await readPage(limit, (count) => services.tags.list(repository, count, after));
  if (next !== null) setNextLink(reply, `/v2/${repository.name}/tags/list`, { n: String(limit), last: next });
  await sendJson(reply, { name: repository.name, tags: page });
}
