-- CreateEnum
CREATE TYPE "ingest_state" AS ENUM ('queued', 'running', 'done', 'failed', 'cancelled');

-- AlterEnum
ALTER TYPE "blob_state" ADD VALUE 'removed';

-- DropIndex
DROP INDEX "blob_sha512_key";

-- AlterTable
ALTER TABLE "blob" RENAME COLUMN "sha512" TO "second_digest";
ALTER TABLE "blob" ADD COLUMN     "copied_at" TIMESTAMPTZ(3),
ADD COLUMN     "quarantined_at" TIMESTAMPTZ(3),
ADD COLUMN     "review_after" TIMESTAMPTZ(3) DEFAULT (now() + '7 days'::interval);

-- AlterTable
ALTER TABLE "tag_event" ALTER COLUMN "digest" DROP NOT NULL;

-- CreateTable
CREATE TABLE "mirror" (
    "repository_id" BIGINT NOT NULL,
    "digest" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "mirror_pkey" PRIMARY KEY ("repository_id","digest","reference")
);

-- CreateTable
CREATE TABLE "ingest" (
    "id" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "source" TEXT NOT NULL,
    "tag" TEXT,
    "state" "ingest_state" NOT NULL DEFAULT 'queued',
    "digest" TEXT,
    "credentials" BYTEA,
    "progress" JSONB,
    "problem" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "ingest_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "mirror_digest_idx" ON "mirror"("digest");

-- CreateIndex
CREATE INDEX "ingest_state_id_idx" ON "ingest"("state", "id");

-- CreateIndex
CREATE INDEX "ingest_repository_id_id_idx" ON "ingest"("repository_id", "id");

-- CreateIndex
CREATE INDEX "blob_review_after_idx" ON "blob"("review_after");

-- CreateIndex
CREATE INDEX "blob_state_id_idx" ON "blob"("state", "id");

-- CreateIndex
CREATE INDEX "record_version_document_digest_idx" ON "record_version"("document_digest");

-- AddForeignKey
ALTER TABLE "mirror" ADD CONSTRAINT "mirror_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ingest" ADD CONSTRAINT "ingest_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Written by hand: what Prisma cannot say.

-- A blob is kept under the name that it was pushed by.
ALTER TABLE "blob" DROP CONSTRAINT "blob_digest_sha256";
ALTER TABLE "blob" ADD CONSTRAINT "blob_digest_form" CHECK ("digest" ~ '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$');

-- Whether anything has ever named these bytes: an image manifest, tagged or not, in any repository or deleted from all of
-- them; a version, draft or published; an environment, a hardware fingerprint, a run. The one rule of what may go.
CREATE FUNCTION envarium_is_named(wanted text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM "manifest_reference" WHERE digest = wanted)
      OR EXISTS (SELECT 1 FROM "image_manifest" WHERE digest = wanted)
      OR EXISTS (SELECT 1 FROM "package_file" WHERE digest = wanted)
      OR EXISTS (SELECT 1 FROM "record_version" WHERE document_digest = wanted)
      OR EXISTS (SELECT 1 FROM "record_version" WHERE record_digest = wanted)
      OR EXISTS (SELECT 1 FROM "record_version" WHERE image_digest = wanted)
      OR EXISTS (SELECT 1 FROM "environment_manifest" WHERE digest = wanted)
      OR EXISTS (SELECT 1 FROM "hardware_fingerprint" WHERE digest = wanted)
      OR EXISTS (SELECT 1 FROM "run" WHERE content_digest = wanted)
      OR EXISTS (SELECT 1 FROM "run" WHERE artifact_digest = wanted)
      OR EXISTS (SELECT 1 FROM "run_input" WHERE digest = wanted)
      OR EXISTS (SELECT 1 FROM "run_file" WHERE digest = wanted)
      OR EXISTS (SELECT 1 FROM "mirror" WHERE digest = wanted)
$$;

-- A blob's name and length are facts, and its row stays. Bytes may leave in two steps, and only while nothing names them.
CREATE OR REPLACE FUNCTION envarium_blob_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.digest = OLD.digest AND NEW.size = OLD.size
     AND (NEW.state = OLD.state OR NEW.state NOT IN ('quarantined', 'removed')
          OR ((NEW.state = 'quarantined' OR OLD.state = 'quarantined') AND NOT envarium_is_named(OLD.digest))) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'envarium: % on blob % is refused', TG_OP, OLD.digest USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "mirror" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON "mirror" FOR EACH STATEMENT EXECUTE FUNCTION envarium_refuse();
