import type { IngestProgress } from '@envarium/schema';

type Kind = 'manifests' | 'blobs' | 'bytes';

/** How far an ingest is, counted while it runs and written down about once a second. */
export class ProgressCount {
  private readonly counts = {
    manifests: { done: 0, total: 0 },
    blobs: { done: 0, total: 0 },
    bytes: { done: 0, total: 0 },
  };
  readonly missing: string[] = [];

  expect(kind: Kind, amount: number): void {
    this.counts[kind].total += amount;
  }

  /** @param amount negative where something must be done again */
  add(kind: Kind, amount: number): void {
    this.counts[kind].done += amount;
  }

  get snapshot(): IngestProgress {
    const { manifests, blobs, bytes } = this.counts;
    return { manifests: { ...manifests }, blobs: { ...blobs }, bytes: { ...bytes }, missing: [...this.missing] };
  }
}
