import { Injectable } from '@nestjs/common';
import type { Digest } from '@envarium/oci';

/** Somewhere else where the bytes of a blob may be: a second store, a mirror. */
export interface BlobSource {
  /** As events name it. */
  readonly name: string;
  /**
   * Brings a blob whose stored bytes are wrong or gone back into the store, verified on the way.
   * @returns false where this source has no sound copy either
   */
  restore(blob: { readonly digest: Digest; readonly size: number }): Promise<boolean>;
}

/** The sources that damage is healed from, in the order in which they are asked. Features above this library add theirs. */
@Injectable()
export class BlobSources {
  private readonly sources: BlobSource[] = [];

  add(source: BlobSource): void {
    this.sources.push(source);
  }

  all(): readonly BlobSource[] {
    return this.sources;
  }
}
