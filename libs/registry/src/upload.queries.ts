import { Prisma, type PrismaService } from '@envarium/database';
import type { Transaction } from '@envarium/journal';
import type { Digest } from '@envarium/oci';

/*
 * SQL, since a push of many small blobs is made of little else: each call is one statement, and one round trip.
 */

interface UploadRow {
  readonly state: 'open' | 'done' | 'aborted';
  readonly received: bigint;
  readonly resultDigest: string | null;
  /** Somebody is writing to it now. */
  readonly isLeased: boolean;
}

export interface LeasedUpload {
  /** Durable bytes as the row knows them, and their hex sha256 where one process has seen them all. */
  readonly received: bigint;
  readonly sha256: string | null;
  /** State of the blob that the upload shall become, where one is known already. */
  readonly blobState: string | null;
}

export interface UploadChanges {
  readonly received?: bigint;
  readonly sha256?: string | null;
  readonly state?: 'aborted';
  readonly expiresAt: Date;
}

/**
 * For statements whose loss a crash of PostgreSQL may cost: it need not sync before it answers. A lease that is lost runs out
 * at once; how far an upload has come is read from staging, which is synced. Joined to the statement, since a setting for
 * one transaction would else take three round trips.
 * https://www.postgresql.org/docs/18/wal-async-commit.html
 */
const MAY_BE_LOST = Prisma.sql`(SELECT set_config('synchronous_commit', 'off', true)) AS may_be_lost`;

/** @param id as the client gave it: a malformed one is an unknown upload, not an error of the database */
export async function findUpload(prisma: PrismaService, repositoryId: bigint, id: string): Promise<UploadRow | null> {
  if (!isUuid(id)) return null;
  const { rows } = await prisma.statement<UploadRow>(Prisma.sql`
    SELECT state::text AS state, received, result_digest AS "resultDigest",
      coalesce(lease_until > ${new Date()}, false) AS "isLeased"
    FROM upload WHERE id = ${id}::uuid AND repository_id = ${repositoryId}`);
  const [row] = rows;
  return row ?? null;
}

/**
 * Takes the right to write.
 * @param digest what the upload shall become, where it is to be closed
 * @returns null when the upload is not open, or somebody else has it
 */
export async function leaseUpload(
  prisma: PrismaService,
  lease: { id: string; repositoryId: bigint; owner: string; until: Date; digest: Digest | null },
): Promise<LeasedUpload | null> {
  const { id, repositoryId, owner, until, digest } = lease;
  if (!isUuid(id)) return null;
  const { rows } = await prisma.statement<LeasedUpload>(Prisma.sql`
    UPDATE upload SET lease_owner = ${owner}, lease_until = ${until} FROM ${MAY_BE_LOST}
    WHERE id = ${id}::uuid AND repository_id = ${repositoryId} AND state = 'open'
      AND (lease_until IS NULL OR lease_until < ${new Date()})
    RETURNING received, sha256, (SELECT b.state::text FROM blob b WHERE b.digest = ${digest}) AS "blobState"`);
  const [row] = rows;
  return row ?? null;
}

export async function prolongLease(prisma: PrismaService, id: string, owner: string, until: Date): Promise<void> {
  await prisma.statement(Prisma.sql`
    UPDATE upload SET lease_until = ${until} FROM ${MAY_BE_LOST} WHERE id = ${id}::uuid AND lease_owner = ${owner}`);
}

export async function releaseUpload(
  prisma: PrismaService,
  id: string,
  owner: string,
  { received, sha256, state, expiresAt }: UploadChanges,
): Promise<void> {
  const changes = [
    Prisma.sql`lease_owner = NULL, lease_until = NULL, expires_at = ${expiresAt}`,
    ...(received === undefined ? [] : [Prisma.sql`received = ${received}`]),
    ...(sha256 === undefined ? [] : [Prisma.sql`sha256 = ${sha256}`]),
    ...(state === undefined ? [] : [Prisma.sql`state = ${state}::upload_state`]),
  ];
  await prisma.statement(Prisma.sql`
    UPDATE upload SET ${Prisma.join(changes)} FROM ${MAY_BE_LOST} WHERE id = ${id}::uuid AND lease_owner = ${owner}`);
}

/**
 * The common end of an upload in one statement, and so in one transaction: a blob that nobody had becomes one of the
 * repository, and the upload is over.
 * @returns false when there is a row of this blob already, which must be looked at: nothing has happened then
 */
export async function registerNewBlob(
  prisma: PrismaService,
  { uploadId, repositoryId, digest, size }: { uploadId: string; repositoryId: bigint; digest: Digest; size: number },
): Promise<boolean> {
  const { count } = await prisma.statement(Prisma.sql`
    WITH new AS (
      INSERT INTO blob (digest, size) VALUES (${digest}, ${BigInt(size)}) ON CONFLICT (digest) DO NOTHING RETURNING id
    ), attached AS (
      INSERT INTO repository_blob (repository_id, blob_id) SELECT ${repositoryId}, id FROM new
    )
    UPDATE upload SET state = 'done', result_digest = ${digest}, received = ${BigInt(size)}, lease_until = NULL
    WHERE id = ${uploadId}::uuid AND EXISTS (SELECT 1 FROM new)`);
  return count === 1;
}

export async function closeUpload(tx: Transaction, id: string, digest: Digest, size: number): Promise<void> {
  await tx.$executeRaw`
    UPDATE upload SET state = 'done', result_digest = ${digest}, received = ${BigInt(size)}, lease_until = NULL
    WHERE id = ${id}::uuid`;
}

function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}
