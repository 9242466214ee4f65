import { ArchiveError } from '@envarium/errors';
import { canonicalJson } from '@envarium/schema';
import { z } from 'zod';
import { firstIssue, parseJson } from './dsse.js';

/** https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';
/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** Names algorithms as in-toto does: `{"sha256": "<hex>"}`. */
const DigestSet = z.record(z.string().max(64), z.string().max(512));

const StatementSubject = z.object({ name: z.string().max(4096).nullish(), digest: DigestSet });

/** Members that are not of the specification are passed over: it asks for that. */
export const Statement = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(StatementSubject).min(1).max(1000),
  predicateType: z.string().min(1).max(2048),
  predicate: z.record(z.string(), z.unknown()).optional(),
});
export type Statement = z.infer<typeof Statement>;

export interface NewStatement {
  /** Digests are written as everywhere here: `sha256:<hex>`. */
  readonly subjects: readonly { readonly name: string; readonly digest: string }[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

export function statement({ subjects, predicateType, predicate }: NewStatement): Statement {
  return {
    _type: STATEMENT_TYPE,
    subject: subjects.map(({ name, digest }) => ({ name, digest: digestSet(digest) })),
    predicateType,
    predicate,
  };
}

/** The same statement gives the same bytes. */
export function statementBytes(value: Statement): Buffer {
  return canonicalJson(value);
}

/** @throws ArchiveError RECEIPT_INVALID: `payload-not-json`, `not-a-statement` */
export function readStatement(payload: Uint8Array): Statement {
  const { data, error } = Statement.safeParse(parseJson(payload, 'payload-not-json'));
  if (data === undefined)
    throw new ArchiveError('RECEIPT_INVALID', { reason: 'not-a-statement', ...firstIssue(error) });
  return data;
}

/** `sha256:<hex>` of every subject that has one. */
export function subjectDigests({ subject }: Statement): string[] {
  return subject.flatMap(({ digest }) => (digest['sha256'] === undefined ? [] : [`sha256:${digest['sha256']}`]));
}

function digestSet(digest: string): Record<string, string> {
  const [algorithm = '', hex = ''] = digest.split(':', 2);
  return { [algorithm]: hex };
}
