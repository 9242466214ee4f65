import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import { parseDigest } from '@envarium/oci';
import { ContentService } from '@envarium/registry';
import { type ClosureDocument, Exchange, type OtherHolder } from '@envarium/schema';
import type { RecordedClosure } from './recorded-closures.js';
import { presentPointer, UpstreamPointers } from './upstream-pointers.js';

const MAX_EXCHANGES_SIZE = 32 * 1024 * 1024;
/** Addresses of one blob that are kept; the same bytes are seldom fetched from more. */
const MAX_ADDRESSES = 4;

/** What of a closure is missing, and where else each byte of it can be had. */
export interface ClosureGap {
  /** One place for each blob that can be had again; its digest is known, so that nothing else can come instead. */
  readonly holders: readonly OtherHolder[];
  /** Blobs that no address is known for, or whose address is gone, with why. */
  readonly lost: readonly { readonly digest: string; readonly why: string }[];
}

@Injectable()
export class ClosureGaps {
  constructor(
    private readonly content: ContentService,
    private readonly pointers: UpstreamPointers,
  ) {}

  async of(versionId: bigint, { document, missing }: RecordedClosure): Promise<ClosureGap> {
    const addresses = await this.addresses(document, new Set(missing.map(({ digest }) => digest)));
    const watched = await this.pointers.toUrls(versionId, [...addresses.values()].flat());
    const recordedAt = new Date(document.recordedAt);
    const holders: OtherHolder[] = [];
    const lost: { digest: string; why: string }[] = [];
    for (const { digest, size } of missing) {
      const places = (addresses.get(digest) ?? []).map((url) =>
        presentPointer(watched.get(url), { reference: url, digest, size: Number(size), recordedAt }),
      );
      const best = places.find(({ state }) => state === 'ok') ?? places.find(({ state }) => state === 'unchecked');
      if (best !== undefined) holders.push(best);
      else lost.push({ digest, why: whyLost(places) });
    }
    return { holders, lost };
  }

  /** From where the recording got each of these bodies, by digest. Without its list of exchanges nothing is known. */
  private async addresses(document: ClosureDocument, wanted: ReadonlySet<string>): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    for (const line of (await this.exchanges(document, wanted)).split('\n')) {
      const exchange = readExchange(line);
      if (exchange?.digest == null || !wanted.has(exchange.digest)) continue;
      // The answer to a POST cannot be asked for again, and a redirect has no bytes of its own.
      if (exchange.method !== 'GET' || exchange.status !== 200) continue;
      const urls = found.get(exchange.digest) ?? [];
      if (urls.length < MAX_ADDRESSES && !urls.includes(exchange.url)) urls.push(exchange.url);
      found.set(exchange.digest, urls);
    }
    return found;
  }

  private async exchanges({ exchanges }: ClosureDocument, missing: ReadonlySet<string>): Promise<string> {
    if (missing.has(exchanges.digest)) return '';
    try {
      return (await this.content.read(parseDigest(exchanges.digest), MAX_EXCHANGES_SIZE)).toString('utf8');
    } catch (error) {
      // Lost since the last check, or larger than is read here: then no address is known.
      if (error instanceof ArchiveError) return '';
      throw error;
    }
  }
}

function readExchange(line: string): Exchange | null {
  if (line === '') return null;
  try {
    return Exchange.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function whyLost(places: readonly OtherHolder[]): string {
  const [first] = places;
  if (first === undefined) return 'no address is known';
  const detail = first.detail === null ? '' : ` (${first.detail})`;
  return `${first.reference} ${first.state === 'changed' ? 'gives other bytes' : 'is gone'}${detail}`;
}
