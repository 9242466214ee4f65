import { Injectable } from '@nestjs/common';
import { scopeFactsOf } from '@envarium/environments';
import { parseDigest } from '@envarium/oci';
import { ContentService } from '@envarium/registry';
import { EnvironmentManifest, EnvironmentScope, type ScopeFacts } from '@envarium/schema';
import { z } from 'zod';
import type { ManifestGaps } from './coverage.js';

/** What of an environment manifest is said beside its packages. */
export interface ManifestNotes {
  readonly gaps: ManifestGaps;
  /** As of package files: whoever asks knows where it is from. */
  readonly scopes: readonly ScopeFacts[];
}

/** As everywhere that an environment manifest is read. */
const DOCUMENT_LIMIT = 256 * 1024 * 1024;
const MAX_PLACES = 100;
/** Manifests never change, and a page asks for the same few again and again. */
const KEPT = 500;

const Noted = EnvironmentManifest.pick({ notUnderstood: true, lookedFor: true }).extend({
  scopes: z.array(EnvironmentScope.omit({ packages: true })),
});

/** The small part of a manifest, without its packages: documents of archived manifests are read for it once. */
@Injectable()
export class ManifestNotesService {
  private readonly notes = new Map<string, ManifestNotes>();

  constructor(private readonly content: ContentService) {}

  /** By digest. Whoever asks may see what the digest is of. */
  async of(digests: readonly string[]): Promise<ReadonlyMap<string, ManifestNotes>> {
    const found = new Map<string, ManifestNotes>();
    for (const digest of digests) found.set(digest, this.notes.get(digest) ?? (await this.read(digest)));
    return found;
  }

  private async read(digest: string): Promise<ManifestNotes> {
    const bytes = await this.content.read(parseDigest(digest), DOCUMENT_LIMIT);
    const manifest = Noted.parse(JSON.parse(bytes.toString('utf8')));
    const { notUnderstood, lookedFor = [] } = manifest;
    const notes: ManifestNotes = {
      gaps: {
        notUnderstood: notUnderstood
          .slice(0, MAX_PLACES)
          .map(({ evidence: { file: place, line }, reason, message }) => ({ place, line, reason, message })),
        notUnderstoodCount: notUnderstood.length,
        lookedFor,
      },
      scopes: scopeFactsOf(manifest.scopes, { source: 'package-file', platform: null }),
    };
    const [oldest] = this.notes.keys();
    if (this.notes.size >= KEPT && oldest !== undefined) this.notes.delete(oldest);
    this.notes.set(digest, notes);
    return notes;
  }
}
