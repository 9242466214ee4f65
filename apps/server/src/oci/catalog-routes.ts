import { readerAnywhere } from './oci-auth.js';
import { sendJson, setNextLink } from './oci-reply.js';
import type { OciCall } from './oci-services.js';
import { parsePageQuery, readPage } from './page-query.js';

/**
 * The repositories that the caller may read. A registry token is for the repositories that it names: with one, the list is
 * that of the public.
 * https://distribution.github.io/distribution/spec/api/#listing-repositories
 */
export async function listRepositories({ query, services, identity, reply }: OciCall): Promise<void> {
  const { limit, after } = parsePageQuery(query);
  const { page, next } = await readPage(limit, (count) =>
    services.repositories.list(readerAnywhere(identity), count, after),
  );
  if (next !== null) setNextLink(reply, '/v2/_catalog', { n: String(limit), last: next });
  await sendJson(reply, { repositories: page });
}
