-- CreateEnum
CREATE TYPE "receipt_kind" AS ENUM ('rebuild', 'rerun');

-- CreateEnum
CREATE TYPE "job_kind" AS ENUM ('rehearse', 'rebuild', 'rerun');

-- CreateEnum
CREATE TYPE "job_state" AS ENUM ('queued', 'running', 'ended');

-- CreateEnum
CREATE TYPE "pointer_kind" AS ENUM ('image', 'package', 'doi');

-- CreateEnum
CREATE TYPE "pointer_state" AS ENUM ('unchecked', 'ok', 'changed', 'dead');

-- CreateTable
CREATE TABLE "recipe" (
    "id" BIGSERIAL NOT NULL,
    "version_id" BIGINT NOT NULL,
    "artifact_digest" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "recipe_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "closure" (
    "id" BIGSERIAL NOT NULL,
    "version_id" BIGINT NOT NULL,
    "recipe_id" BIGINT NOT NULL,
    "artifact_digest" TEXT NOT NULL,
    "image_digest" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_by" TEXT NOT NULL,

    CONSTRAINT "closure_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "file_list" (
    "id" BIGSERIAL NOT NULL,
    "image_digest" TEXT NOT NULL,
    "noise_policy" TEXT NOT NULL,
    "artifact_digest" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "file_list_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "receipt" (
    "id" BIGSERIAL NOT NULL,
    "public_id" TEXT NOT NULL,
    "kind" "receipt_kind" NOT NULL,
    "version_id" BIGINT NOT NULL,
    "run_id" BIGINT,
    "outcome" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "subject_digest" TEXT NOT NULL,
    "artifact_digest" TEXT NOT NULL,
    "envelope_digest" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "is_proof" BOOLEAN NOT NULL,
    "statement" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "receipt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "id" BIGSERIAL NOT NULL,
    "key_id" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "private_key" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job" (
    "id" TEXT NOT NULL,
    "kind" "job_kind" NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "version_id" BIGINT NOT NULL,
    "input" JSONB NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "state" "job_state" NOT NULL DEFAULT 'queued',
    "step" TEXT NOT NULL DEFAULT 'requested',
    "outcome" TEXT,
    "progress" JSONB,
    "result" JSONB,
    "problem" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "log_digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_line" (
    "job_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "stream" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "job_line_pkey" PRIMARY KEY ("job_id","seq")
);

-- CreateTable
CREATE TABLE "upstream_pointer" (
    "id" BIGSERIAL NOT NULL,
    "version_id" BIGINT NOT NULL,
    "kind" "pointer_kind" NOT NULL,
    "reference" TEXT NOT NULL,
    "digest" TEXT,
    "size" BIGINT,
    "state" "pointer_state" NOT NULL DEFAULT 'unchecked',
    "detail" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "last_checked_at" TIMESTAMPTZ(3),
    "state_since" TIMESTAMPTZ(3),
    "next_check_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upstream_pointer_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "recipe_artifact_digest_key" ON "recipe"("artifact_digest");

-- CreateIndex
CREATE INDEX "recipe_version_id_id_idx" ON "recipe"("version_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "closure_artifact_digest_key" ON "closure"("artifact_digest");

-- CreateIndex
CREATE INDEX "closure_version_id_id_idx" ON "closure"("version_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "file_list_artifact_digest_key" ON "file_list"("artifact_digest");

-- CreateIndex
CREATE UNIQUE INDEX "file_list_image_digest_noise_policy_key" ON "file_list"("image_digest", "noise_policy");

-- CreateIndex
CREATE UNIQUE INDEX "receipt_public_id_key" ON "receipt"("public_id");

-- CreateIndex
CREATE UNIQUE INDEX "receipt_artifact_digest_key" ON "receipt"("artifact_digest");

-- CreateIndex
CREATE INDEX "receipt_version_id_id_idx" ON "receipt"("version_id", "id");

-- CreateIndex
CREATE INDEX "receipt_run_id_id_idx" ON "receipt"("run_id", "id");

-- CreateIndex
CREATE INDEX "receipt_subject_digest_idx" ON "receipt"("subject_digest");

-- CreateIndex
CREATE UNIQUE INDEX "signing_key_key_id_key" ON "signing_key"("key_id");

-- CreateIndex
CREATE INDEX "job_state_id_idx" ON "job"("state", "id");

-- CreateIndex
CREATE INDEX "job_repository_id_id_idx" ON "job"("repository_id", "id");

-- CreateIndex
CREATE INDEX "job_version_id_id_idx" ON "job"("version_id", "id");

-- CreateIndex
CREATE INDEX "job_created_by_state_idx" ON "job"("created_by", "state");

-- CreateIndex
CREATE INDEX "upstream_pointer_next_check_at_idx" ON "upstream_pointer"("next_check_at");

-- CreateIndex
CREATE INDEX "upstream_pointer_version_id_state_idx" ON "upstream_pointer"("version_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "upstream_pointer_version_id_kind_reference_key" ON "upstream_pointer"("version_id", "kind", "reference");

-- AddForeignKey
ALTER TABLE "recipe" ADD CONSTRAINT "recipe_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "closure" ADD CONSTRAINT "closure_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "closure" ADD CONSTRAINT "closure_recipe_id_fkey" FOREIGN KEY ("recipe_id") REFERENCES "recipe"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "receipt" ADD CONSTRAINT "receipt_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "receipt" ADD CONSTRAINT "receipt_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_line" ADD CONSTRAINT "job_line_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upstream_pointer" ADD CONSTRAINT "upstream_pointer_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Written by hand: what Prisma cannot say.

-- As before, and the logs of jobs. Recipes, closures, receipts and file lists are artifacts: image manifests name their bytes.
CREATE OR REPLACE FUNCTION envarium_is_named(wanted text) RETURNS boolean LANGUAGE sql STABLE AS $$
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
      OR EXISTS (SELECT 1 FROM "job" WHERE log_digest = wanted)
$$;
CREATE INDEX "job_log_digest_idx" ON "job"("log_digest") WHERE "log_digest" IS NOT NULL;

-- Statements about the past: written once.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "recipe" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "closure" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "file_list" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "receipt" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER append_only BEFORE DELETE ON "signing_key" FOR EACH ROW EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON "recipe" FOR EACH STATEMENT EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON "closure" FOR EACH STATEMENT EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON "file_list" FOR EACH STATEMENT EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON "receipt" FOR EACH STATEMENT EXECUTE FUNCTION envarium_refuse();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON "signing_key" FOR EACH STATEMENT EXECUTE FUNCTION envarium_refuse();

-- Whoever follows a job is told that there is something new.
CREATE FUNCTION envarium_job_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('envarium_jobs', '');
  RETURN NULL;
END $$;
CREATE TRIGGER job_changed AFTER UPDATE ON "job" FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.step IS DISTINCT FROM NEW.step OR OLD.progress IS DISTINCT FROM NEW.progress)
  EXECUTE FUNCTION envarium_job_changed();
CREATE TRIGGER line_added AFTER INSERT ON "job_line" FOR EACH STATEMENT EXECUTE FUNCTION envarium_job_changed();
