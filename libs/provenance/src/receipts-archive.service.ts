import { Injectable } from '@nestjs/common';
import { envelopeBytes, IN_TOTO_PAYLOAD_TYPE, signEnvelope, statement, statementBytes } from '@envarium/attestation';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService } from '@envarium/journal';
import {
  type ContentClaim,
  type Descriptor,
  digestOf,
  DSSE_ENVELOPE_TYPE,
  JOB_LOG_TYPE,
  RECEIPT_ARTIFACT_TYPE,
} from '@envarium/oci';
import {
  REBUILD_PREDICATE_TYPE,
  RebuildPredicate,
  type Receipt,
  type ReceiptDocument,
  RERUN_PREDICATE_TYPE,
  RerunPredicate,
} from '@envarium/schema';
import { ulid } from 'ulid';
import { factOf, requireSame } from './provenance-archive.service.js';
import { type ArchivedVersion, describe, ProvenanceArtifacts } from './provenance-artifacts.js';
import { presentReceipt, receiptSelect } from './provenance.presenter.js';
import { writeReceipt } from './provenance-rows.js';
import { type SigningKey, SigningKeysService } from './signing-keys.service.js';
import { storableJson } from './storable-json.js';

interface NewStatementAbout {
  readonly version: ArchivedVersion;
  /** What the statement is about: the archived image, or the record artifact where there is none. */
  readonly subject: Descriptor;
  /** `job.jsonl`, which `predicate.logDigest` names; stored before. */
  readonly log: ContentClaim | null;
  readonly isProof: boolean;
  readonly summary: string;
  readonly actor: string;
}

export type NewReceipt = NewStatementAbout &
  (
    | { readonly kind: 'rebuild'; readonly predicate: RebuildPredicate }
    | { readonly kind: 'rerun'; readonly predicate: RerunPredicate }
  );

const SIGNING_ATTEMPTS = 3;

/** Signs what a rebuild or a re-run gave, and keeps the statement as a referrer of what it is about. */
@Injectable()
export class ReceiptsArchiveService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    private readonly artifacts: ProvenanceArtifacts,
    private readonly keys: SigningKeysService,
  ) {}

  /**
   * The same statement again is the same receipt.
   * @throws ArchiveError RUN_UNKNOWN, BLOB_UNKNOWN (the log is not stored), SEAL_BROKEN, DIGEST_INVALID (the predicate names
   *   another version or log)
   */
  async archiveReceipt(receipt: NewReceipt): Promise<Receipt> {
    const signed = claimOf(receipt);
    requireSame('about.recordDigest', signed.predicate.about.recordDigest, receipt.version.recordDigest);
    requireSame('logDigest', signed.predicate.logDigest, receipt.log?.digest ?? null);
    for (let attempt = 1; attempt <= SIGNING_ATTEMPTS; attempt++) {
      const id = await this.sign(receipt, signed, await this.keys.current());
      if (id !== null) return presentReceipt(await this.row(id));
      // The key was retired in between: what is dated after that must not bear its name.
    }
    throw new ArchiveError('SEAL_BROKEN', { reason: 'signing-key' });
  }

  /** @returns identifier of the receipt; null when the key is not the one to sign with any more */
  private async sign(receipt: NewReceipt, claim: Claim, key: SigningKey): Promise<string | null> {
    const { version, subject, log, actor } = receipt;
    const name = `${version.record.repository.name}@v${version.number}`;
    const { predicateType, predicate } = claim;
    const signed = statement({ subjects: [{ name, digest: subject.digest }], predicateType, predicate });
    const bytes = envelopeBytes(signEnvelope(statementBytes(signed), IN_TOTO_PAYLOAD_TYPE, key.privateKey));
    const existing = await this.find(version.id, digestOf(bytes));
    if (existing !== null) return existing;

    const envelope = await this.artifacts.bytes(bytes, DSSE_ENVELOPE_TYPE, 'receipt.dsse.json');
    const document = documentOf(receipt, claim, { keyId: key.keyId, envelopeDigest: envelope.digest });
    const artifact = await this.artifacts.prepare(
      {
        artifactType: RECEIPT_ARTIFACT_TYPE,
        config: await this.artifacts.document(document, RECEIPT_ARTIFACT_TYPE),
        layers: [envelope, ...(log === null ? [] : [describe(log, JOB_LOG_TYPE, 'job.jsonl')])],
        subject,
      },
      log === null ? [] : [log],
    );
    return await this.journal.transaction(async (tx, record) => {
      // Two that sign the same at the same moment give one receipt.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`receipt:${envelope.digest}`}, 0))`;
      const twin = await this.find(version.id, envelope.digest, tx);
      if (twin !== null) return twin;
      if (!(await this.keys.isCurrent(tx, key.keyId))) return null;
      await this.artifacts.insert(tx, record, version, artifact, actor);
      await writeReceipt(tx, artifact.manifest.digest, document, signed);
      await record({ kind: 'receipt-signed', ...factOf(version, artifact, actor), at: new Date(document.createdAt) });
      return document.id;
    });
  }

  private async find(
    versionId: bigint,
    envelopeDigest: string,
    tx: Pick<PrismaService, 'receipt'> = this.prisma,
  ): Promise<string | null> {
    const row = await tx.receipt.findFirst({ where: { versionId, envelopeDigest }, select: { publicId: true } });
    return row?.publicId ?? null;
  }

  private async row(publicId: string) {
    return await this.prisma.receipt.findUniqueOrThrow({ where: { publicId }, select: receiptSelect });
  }
}

interface Claim {
  readonly predicateType: string;
  readonly predicate: RebuildPredicate | RerunPredicate;
  readonly runId: string | null;
  readonly outcome: string;
}

/** A rebuild says how exact the environment came out, a re-run whether the result did: the outcome is what is signed. */
function claimOf(receipt: NewReceipt): Claim {
  if (receipt.kind === 'rebuild') {
    const predicate = RebuildPredicate.parse(storableJson(receipt.predicate));
    return { predicateType: REBUILD_PREDICATE_TYPE, predicate, runId: null, outcome: predicate.grade };
  }
  const predicate = RerunPredicate.parse(storableJson(receipt.predicate));
  return { predicateType: RERUN_PREDICATE_TYPE, predicate, runId: predicate.runId, outcome: predicate.verdict };
}

function documentOf(
  { kind, version, subject, isProof, summary, actor }: NewReceipt,
  { runId, outcome, predicate }: Claim,
  signature: { keyId: string; envelopeDigest: string },
): ReceiptDocument {
  return {
    schemaVersion: 1,
    id: ulid(),
    kind,
    record: { id: version.record.publicId, repository: version.record.repository.name },
    version: version.number,
    runId,
    outcome,
    summary: storableJson(summary),
    subjectDigest: subject.digest,
    ...signature,
    isProof: isProof && isCutOff(predicate),
    createdAt: new Date().toISOString(),
    createdBy: actor,
  };
}

/** Whatever the caller believes: what is signed must not speak against it. */
function isCutOff(predicate: RebuildPredicate | RerunPredicate): boolean {
  const { network, canary } = predicate.isolation;
  const isComplete = !('replay' in predicate) || predicate.replay.misses.length === 0;
  return network !== 'record' && canary !== 'reached' && isComplete;
}
