import { ArchiveError } from '@envarium/errors';
import type { OutboundResponse } from '@envarium/outbound';

/** A list of a million names; whoever sends us on and on has no end. */
const MAX_PAGES = 1000;

/** Follows `Link: <...>; rel="next"` (RFC 8288), to an end. */
export class PageTrail {
  private readonly seen = new Set<string>();

  /** @throws ArchiveError UPSTREAM_INVALID for a circle, and for a list without end */
  next(response: OutboundResponse): URL | null {
    const target = nextTarget([response.headers['link'] ?? []].flat().join(', '));
    if (target === null) return null;
    const host = response.url.host;
    if (!URL.canParse(target, response.url))
      throw new ArchiveError('UPSTREAM_INVALID', { host, reason: 'link-malformed' });
    const url = new URL(target, response.url);
    if (this.seen.has(url.href)) throw new ArchiveError('UPSTREAM_INVALID', { host, reason: 'pages-in-a-circle' });
    this.seen.add(url.href);
    if (this.seen.size >= MAX_PAGES) throw new ArchiveError('UPSTREAM_INVALID', { host, reason: 'too-many-pages' });
    return url;
  }
}

function nextTarget(header: string): string | null {
  for (const match of header.matchAll(/<(?<target>[^<>]*)>(?<parameters>[^<]*)/g)) {
    const { target = '', parameters = '' } = match.groups ?? {};
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters)) return target;
  }
  return null;
}
