import { Injectable } from '@nestjs/common';
import { readReceipt } from '@envarium/attestation';
import { ArchiveError } from '@envarium/errors';
import type { JournalEntry, Transaction } from '@envarium/journal';
import { DSSE_ENVELOPE_TYPE } from '@envarium/oci';
import { ClosureDocument, FileListDocument, ReceiptDocument, RecipeDocument } from '@envarium/schema';
import { z } from 'zod';
import { writeKey, writeKeyRetirement } from './key-rows.js';
import { ProvenanceArtifacts } from './provenance-artifacts.js';
import { writeClosure, writeFileList, writeReceipt, writeRecipe } from './provenance-rows.js';

const Archived = z.object({ artifactDigest: z.string() });
const KeyCreated = z.object({ keyId: z.string(), publicKey: z.string() });
const KeyRetired = z.object({ keyId: z.string() });

/** Rebuilds recipes, closures, file lists, receipts and public keys from journal entries and archived artifacts. */
@Injectable()
export class ProvenanceReplayService {
  constructor(private readonly artifacts: ProvenanceArtifacts) {}

  /** @returns false when the entry is of none of these kinds */
  async replay(tx: Transaction, { kind, detail, at }: JournalEntry): Promise<boolean> {
    if (kind === 'recipe-archived') await this.recipe(tx, Archived.parse(detail).artifactDigest);
    else if (kind === 'closure-recorded') await this.closure(tx, Archived.parse(detail).artifactDigest);
    else if (kind === 'files-listed') await this.fileList(tx, Archived.parse(detail).artifactDigest, at);
    else if (kind === 'receipt-signed') await this.receipt(tx, Archived.parse(detail).artifactDigest);
    else if (kind === 'signing-key-created') await writeKey(tx, { ...KeyCreated.parse(detail), createdAt: at }, null);
    else if (kind === 'signing-key-retired') await writeKeyRetirement(tx, KeyRetired.parse(detail).keyId, at);
    else return false;
    return true;
  }

  private async recipe(tx: Transaction, digest: string): Promise<void> {
    await writeRecipe(tx, digest, (await this.artifacts.read(digest, RecipeDocument)).document);
  }

  private async closure(tx: Transaction, digest: string): Promise<void> {
    await writeClosure(tx, digest, (await this.artifacts.read(digest, ClosureDocument)).document);
  }

  private async fileList(tx: Transaction, digest: string, at: Date): Promise<void> {
    const { document } = await this.artifacts.read(digest, FileListDocument);
    const environment =
      document.environment === undefined ? null : await this.artifacts.readEnvironment(document.environment.digest);
    await writeFileList(tx, digest, { document, environment }, at);
  }

  private async receipt(tx: Transaction, digest: string): Promise<void> {
    const { document, layers } = await this.artifacts.read(digest, ReceiptDocument);
    const envelope = layers.find(({ mediaType }) => mediaType === DSSE_ENVELOPE_TYPE);
    if (envelope === undefined) throw new ArchiveError('RECEIPT_INVALID', { digest, reason: 'not-an-envelope' });
    const { statement } = readReceipt(await this.artifacts.readBytes(envelope.digest));
    await writeReceipt(tx, digest, document, statement);
  }
}
