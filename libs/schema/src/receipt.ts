import { z } from 'zod';
import { BuilderDescription } from './closure.js';
import { ImageComparison, OutputComparison, OutputTolerance } from './comparison.js';
import { Grade } from './resolution.js';

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not a sha256 digest');

export const REBUILD_PREDICATE_TYPE = 'https://envarium.org/attestation/rebuild/v1';
export const RERUN_PREDICATE_TYPE = 'https://envarium.org/attestation/rerun/v1';

const Moment = z.iso.datetime();
const Subject = z.object({ recordId: z.string(), version: z.int().positive(), recordDigest: Digest });

/** How a build or a run was cut off from the world; said only as far as it was tested while it ran. */
export const IsolationEvidence = z
  .object({
    executor: z.string(),
    network: z.enum(['off', 'replay', 'record']),
    canary: z
      .enum(['refused', 'reached', 'not-tried'])
      .describe('what became of attempts to get out by DNS, TCP, UDP and IPv6 from inside'),
    clock: z.object({ pinnedTo: Moment.nullable(), hostOffsetSeconds: z.int() }),
    limits: z.record(z.string(), z.number()),
  })
  .meta({ id: 'IsolationEvidence' });
export type IsolationEvidence = z.infer<typeof IsolationEvidence>;

export const ReplayCount = z
  .object({ hits: z.int().nonnegative(), misses: z.array(z.string()).describe('URLs that the closure does not have') })
  .meta({ id: 'ReplayCount' });
export type ReplayCount = z.infer<typeof ReplayCount>;

/** The predicate of a rebuild receipt: what was rebuilt, from what, with what, and how exact it came out. */
export const RebuildPredicate = z
  .object({
    about: Subject,
    recipeDigest: Digest,
    closureDigest: Digest,
    rebuilt: z.object({ digest: Digest, mediaType: z.string(), size: z.int() }),
    grade: Grade,
    comparison: ImageComparison.describe('with the archived image'),
    rehearsal: z
      .object({ attempt: z.int().positive(), of: z.int().positive(), previous: Digest.nullable() })
      .nullable()
      .describe('which rebuild of a rehearsal; `previous`: the image that the rebuild before gave'),
    builder: BuilderDescription,
    isolation: IsolationEvidence,
    replay: ReplayCount,
    startedAt: Moment,
    finishedAt: Moment,
    logDigest: Digest.nullable(),
  })
  .meta({ id: 'RebuildPredicate' });
export type RebuildPredicate = z.infer<typeof RebuildPredicate>;

/** The predicate of a re-run receipt: same result is another statement than same environment. */
export const RerunPredicate = z
  .object({
    about: Subject,
    runId: z.string(),
    imageDigest: Digest,
    route: z.string().describe('how the environment was obtained: pull, rebuild, ...'),
    command: z.string(),
    verdict: z.enum(['identical', 'within-tolerance', 'different', 'failed']),
    exitCode: z.int().nullable(),
    outputs: z.array(OutputComparison),
    tolerance: OutputTolerance,
    pins: z.record(z.string(), z.string()).describe('variables that decide numbers, as they were set'),
    isolation: IsolationEvidence,
    startedAt: Moment,
    finishedAt: Moment,
    logDigest: Digest.nullable(),
  })
  .meta({ id: 'RerunPredicate' });
export type RerunPredicate = z.infer<typeof RerunPredicate>;

export const ReceiptKind = z.enum(['rebuild', 'rerun']).meta({ id: 'ReceiptKind' });
export type ReceiptKind = z.infer<typeof ReceiptKind>;

/** A signed statement as the archive shows it. Computed here; what others report is never mixed in. */
export const Receipt = z
  .object({
    id: z.string(),
    kind: ReceiptKind,
    recordId: z.string(),
    version: z.int().positive(),
    runId: z.string().nullable(),
    outcome: z.string().describe('grade of a rebuild, verdict of a re-run'),
    summary: z.string(),
    subjectDigest: Digest.describe('what the statement is about: the archived image, or the record artifact'),
    artifactDigest: Digest.describe('digest of the receipt artifact, a referrer of the subject'),
    envelopeDigest: Digest.describe('digest of the DSSE envelope'),
    keyId: z.string(),
    isProof: z.boolean().describe('network off, closure complete, limits held, clock pinned'),
    createdAt: Moment,
  })
  .meta({ id: 'Receipt' });
export type Receipt = z.infer<typeof Receipt>;

/** A receipt and what was signed; one of the two, by its kind. */
export const ReceiptDetail = Receipt.extend({
  rebuild: RebuildPredicate.nullable(),
  rerun: RerunPredicate.nullable(),
}).meta({ id: 'ReceiptDetail' });
export type ReceiptDetail = z.infer<typeof ReceiptDetail>;

/** The config blob of a receipt artifact; the envelope and the log are its layers. Who reads only this believes the archive. */
export const ReceiptDocument = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  kind: ReceiptKind,
  record: z.object({ id: z.string(), repository: z.string() }),
  version: z.int().positive(),
  runId: z.string().nullable(),
  outcome: z.string(),
  summary: z.string(),
  subjectDigest: z.string(),
  envelopeDigest: Digest,
  keyId: z.string(),
  isProof: z.boolean(),
  createdAt: Moment,
  createdBy: z.string(),
});
export type ReceiptDocument = z.infer<typeof ReceiptDocument>;

/** The public half of a key of this installation. Old ones stay, so that old receipts can be checked. */
export const PublicKey = z
  .object({
    keyId: z.string().describe('sha256 of the DER-encoded public key, hex'),
    algorithm: z.literal('ed25519'),
    pem: z.string().describe('SubjectPublicKeyInfo'),
    jwk: z
      .object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() })
      .describe('the same key, RFC 8037'),
    createdAt: Moment,
    retiredAt: Moment.nullable(),
  })
  .meta({ id: 'PublicKey' });
export type PublicKey = z.infer<typeof PublicKey>;
