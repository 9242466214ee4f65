-- CreateEnum
CREATE TYPE "namespace_role" AS ENUM ('owner', 'depositor', 'reader');

-- CreateEnum
CREATE TYPE "visibility" AS ENUM ('public', 'private');

-- CreateEnum
CREATE TYPE "blob_state" AS ENUM ('ok', 'suspect', 'missing', 'quarantined');

-- CreateEnum
CREATE TYPE "manifest_kind" AS ENUM ('image', 'index');

-- CreateEnum
CREATE TYPE "reference_kind" AS ENUM ('config', 'layer', 'child', 'subject');

-- CreateEnum
CREATE TYPE "upload_state" AS ENUM ('open', 'done', 'aborted');

-- CreateEnum
CREATE TYPE "version_state" AS ENUM ('draft', 'in_review', 'published', 'withdrawn');

-- CreateEnum
CREATE TYPE "standing" AS ENUM ('declared', 'locked', 'observed');

-- CreateEnum
CREATE TYPE "scope_kind" AS ENUM ('host', 'container', 'language');

-- CreateEnum
CREATE TYPE "output_scope" AS ENUM ('main', 'extended', 'supplementary');

-- CreateEnum
CREATE TYPE "link_status" AS ENUM ('proposed', 'confirmed', 'disputed', 'withdrawn');

-- CreateEnum
CREATE TYPE "asserted_role" AS ENUM ('author', 'journal', 'curator');

-- CreateTable
CREATE TABLE "account" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_token" (
    "id" BIGSERIAL NOT NULL,
    "account_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace_member" (
    "namespace_id" BIGINT NOT NULL,
    "account_id" BIGINT NOT NULL,
    "role" "namespace_role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "namespace_member_pkey" PRIMARY KEY ("namespace_id","account_id")
);

-- CreateTable
CREATE TABLE "idempotent_request" (
    "account_id" BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER,
    "response" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotent_request_pkey" PRIMARY KEY ("account_id","key")
);

-- CreateTable
CREATE TABLE "namespace" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "namespace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "stored_at" TIMESTAMPTZ(3),

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository" (
    "id" BIGSERIAL NOT NULL,
    "namespace_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "visibility" "visibility" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "repository_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "blob" (
    "id" BIGSERIAL NOT NULL,
    "digest" TEXT NOT NULL,
    "sha512" TEXT,
    "size" BIGINT NOT NULL,
    "state" "blob_state" NOT NULL DEFAULT 'ok',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_verified_at" TIMESTAMPTZ(3),

    CONSTRAINT "blob_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository_blob" (
    "repository_id" BIGINT NOT NULL,
    "blob_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "repository_blob_pkey" PRIMARY KEY ("repository_id","blob_id")
);

-- CreateTable
CREATE TABLE "image_manifest" (
    "id" BIGSERIAL NOT NULL,
    "blob_id" BIGINT NOT NULL,
    "digest" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "kind" "manifest_kind" NOT NULL,
    "artifact_type" TEXT,
    "subject_digest" TEXT,
    "annotations" JSONB,

    CONSTRAINT "image_manifest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "manifest_reference" (
    "manifest_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" "reference_kind" NOT NULL,
    "digest" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "platform" JSONB,

    CONSTRAINT "manifest_reference_pkey" PRIMARY KEY ("manifest_id","position")
);

-- CreateTable
CREATE TABLE "repository_manifest" (
    "repository_id" BIGINT NOT NULL,
    "manifest_id" BIGINT NOT NULL,
    "pushed_at" TIMESTAMPTZ(3) NOT NULL,
    "pushed_by" TEXT NOT NULL,

    CONSTRAINT "repository_manifest_pkey" PRIMARY KEY ("repository_id","manifest_id")
);

-- CreateTable
CREATE TABLE "tag" (
    "repository_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "manifest_id" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tag_pkey" PRIMARY KEY ("repository_id","name")
);

-- CreateTable
CREATE TABLE "tag_event" (
    "id" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "previous_digest" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,

    CONSTRAINT "tag_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload" (
    "id" UUID NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "actor" TEXT NOT NULL,
    "state" "upload_state" NOT NULL DEFAULT 'open',
    "received" BIGINT NOT NULL DEFAULT 0,
    "sha256" TEXT,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "result_digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "archive_record" (
    "id" BIGSERIAL NOT NULL,
    "public_id" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "archive_record_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "record_version" (
    "id" BIGSERIAL NOT NULL,
    "record_id" BIGINT NOT NULL,
    "number" INTEGER NOT NULL,
    "state" "version_state" NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "document_digest" TEXT NOT NULL,
    "record_digest" TEXT,
    "image_digest" TEXT,
    "environment_manifest_id" BIGINT,
    "hardware_id" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3),
    "published_by" TEXT,
    "withdrawn_at" TIMESTAMPTZ(3),
    "withdrawal_reason" TEXT,

    CONSTRAINT "record_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "package_file" (
    "version_id" BIGINT NOT NULL,
    "path" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "format" TEXT,
    "package_count" INTEGER NOT NULL DEFAULT 0,
    "secret_count" INTEGER NOT NULL DEFAULT 0,
    "message" TEXT,
    "line" INTEGER,

    CONSTRAINT "package_file_pkey" PRIMARY KEY ("version_id","path")
);

-- CreateTable
CREATE TABLE "environment_manifest" (
    "id" BIGSERIAL NOT NULL,
    "digest" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "package_count" INTEGER NOT NULL,
    "ecosystems" JSONB NOT NULL,

    CONSTRAINT "environment_manifest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "package" (
    "id" BIGSERIAL NOT NULL,
    "ecosystem" TEXT NOT NULL,
    "normalized_name" TEXT NOT NULL,

    CONSTRAINT "package_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "package_version" (
    "id" BIGSERIAL NOT NULL,
    "package_id" BIGINT NOT NULL,
    "version" TEXT NOT NULL,
    "build" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "package_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "environment_package" (
    "manifest_id" BIGINT NOT NULL,
    "package_version_id" BIGINT NOT NULL,
    "scope" "scope_kind" NOT NULL,
    "standing" "standing" NOT NULL,

    CONSTRAINT "environment_package_pkey" PRIMARY KEY ("manifest_id","package_version_id","scope","standing")
);

-- CreateTable
CREATE TABLE "environment_requirement" (
    "manifest_id" BIGINT NOT NULL,
    "package_id" BIGINT NOT NULL,
    "specifier" TEXT NOT NULL,
    "scope" "scope_kind" NOT NULL,

    CONSTRAINT "environment_requirement_pkey" PRIMARY KEY ("manifest_id","package_id","scope","specifier")
);

-- CreateTable
CREATE TABLE "hardware_fingerprint" (
    "id" BIGSERIAL NOT NULL,
    "digest" TEXT NOT NULL,
    "architecture" TEXT,
    "isa_level" TEXT,
    "cpu_model" TEXT,
    "gpu_models" TEXT[],
    "gpu_driver" TEXT,
    "document" JSONB NOT NULL,

    CONSTRAINT "hardware_fingerprint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hold" (
    "id" TEXT NOT NULL,
    "version_id" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "placed_by" TEXT NOT NULL,
    "lifted_at" TIMESTAMPTZ(3),

    CONSTRAINT "hold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "article" (
    "id" BIGSERIAL NOT NULL,
    "doi" TEXT NOT NULL,
    "as_given" TEXT NOT NULL,
    "title" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "article_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "output" (
    "id" BIGSERIAL NOT NULL,
    "article_id" BIGINT NOT NULL,
    "scope" "output_scope" NOT NULL,
    "kind" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "panel" TEXT NOT NULL DEFAULT '',
    "as_printed" TEXT NOT NULL,
    "component_doi" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "output_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" BIGSERIAL NOT NULL,
    "public_id" TEXT NOT NULL,
    "version_id" BIGINT NOT NULL,
    "content_digest" TEXT NOT NULL,
    "artifact_digest" TEXT NOT NULL,
    "command" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_input" (
    "run_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "size" BIGINT NOT NULL,

    CONSTRAINT "run_input_pkey" PRIMARY KEY ("run_id","position")
);

-- CreateTable
CREATE TABLE "run_file" (
    "run_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "size" BIGINT NOT NULL,

    CONSTRAINT "run_file_pkey" PRIMARY KEY ("run_id","position")
);

-- CreateTable
CREATE TABLE "output_link" (
    "output_id" BIGINT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "status" "link_status" NOT NULL,
    "asserted_by" TEXT NOT NULL,
    "asserted_role" "asserted_role" NOT NULL,
    "asserted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "output_link_pkey" PRIMARY KEY ("output_id","run_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "account_name_key" ON "account"("name");

-- CreateIndex
CREATE UNIQUE INDEX "access_token_secret_hash_key" ON "access_token"("secret_hash");

-- CreateIndex
CREATE INDEX "access_token_account_id_id_idx" ON "access_token"("account_id", "id");

-- CreateIndex
CREATE INDEX "namespace_member_account_id_idx" ON "namespace_member"("account_id");

-- CreateIndex
CREATE INDEX "idempotent_request_created_at_idx" ON "idempotent_request"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "namespace_name_key" ON "namespace"("name");

-- CreateIndex
CREATE UNIQUE INDEX "event_seq_key" ON "event"("seq");

-- CreateIndex
CREATE INDEX "event_subject_seq_idx" ON "event"("subject", "seq");

-- CreateIndex
CREATE INDEX "event_kind_seq_idx" ON "event"("kind", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "repository_name_key" ON "repository"("name");

-- CreateIndex
CREATE INDEX "repository_namespace_id_name_idx" ON "repository"("namespace_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "blob_digest_key" ON "blob"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "blob_sha512_key" ON "blob"("sha512");

-- CreateIndex
CREATE INDEX "blob_last_verified_at_id_idx" ON "blob"("last_verified_at" ASC, "id");

-- CreateIndex
CREATE INDEX "repository_blob_blob_id_idx" ON "repository_blob"("blob_id");

-- CreateIndex
CREATE UNIQUE INDEX "image_manifest_blob_id_key" ON "image_manifest"("blob_id");

-- CreateIndex
CREATE UNIQUE INDEX "image_manifest_digest_key" ON "image_manifest"("digest");

-- CreateIndex
CREATE INDEX "image_manifest_subject_digest_id_idx" ON "image_manifest"("subject_digest", "id");

-- CreateIndex
CREATE INDEX "manifest_reference_digest_idx" ON "manifest_reference"("digest");

-- CreateIndex
CREATE INDEX "repository_manifest_manifest_id_idx" ON "repository_manifest"("manifest_id");

-- CreateIndex
CREATE INDEX "tag_manifest_id_idx" ON "tag"("manifest_id");

-- CreateIndex
CREATE INDEX "tag_event_repository_id_name_id_idx" ON "tag_event"("repository_id", "name", "id");

-- CreateIndex
CREATE INDEX "upload_expires_at_idx" ON "upload"("expires_at");

-- CreateIndex
CREATE INDEX "upload_repository_id_idx" ON "upload"("repository_id");

-- CreateIndex
CREATE UNIQUE INDEX "archive_record_public_id_key" ON "archive_record"("public_id");

-- CreateIndex
CREATE UNIQUE INDEX "archive_record_repository_id_key" ON "archive_record"("repository_id");

-- CreateIndex
CREATE INDEX "archive_record_created_at_id_idx" ON "archive_record"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "record_version_record_digest_key" ON "record_version"("record_digest");

-- CreateIndex
CREATE INDEX "record_version_image_digest_idx" ON "record_version"("image_digest");

-- CreateIndex
CREATE INDEX "record_version_environment_manifest_id_idx" ON "record_version"("environment_manifest_id");

-- CreateIndex
CREATE INDEX "record_version_hardware_id_idx" ON "record_version"("hardware_id");

-- CreateIndex
CREATE INDEX "record_version_state_published_at_id_idx" ON "record_version"("state", "published_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "record_version_record_id_number_key" ON "record_version"("record_id", "number");

-- CreateIndex
CREATE INDEX "package_file_digest_idx" ON "package_file"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "environment_manifest_digest_key" ON "environment_manifest"("digest");

-- CreateIndex
CREATE INDEX "package_normalized_name_idx" ON "package"("normalized_name");

-- CreateIndex
CREATE UNIQUE INDEX "package_ecosystem_normalized_name_key" ON "package"("ecosystem", "normalized_name");

-- CreateIndex
CREATE UNIQUE INDEX "package_version_package_id_version_build_key" ON "package_version"("package_id", "version", "build");

-- CreateIndex
CREATE INDEX "environment_package_package_version_id_manifest_id_idx" ON "environment_package"("package_version_id", "manifest_id");

-- CreateIndex
CREATE INDEX "environment_requirement_package_id_manifest_id_idx" ON "environment_requirement"("package_id", "manifest_id");

-- CreateIndex
CREATE UNIQUE INDEX "hardware_fingerprint_digest_key" ON "hardware_fingerprint"("digest");

-- CreateIndex
CREATE INDEX "hardware_fingerprint_architecture_isa_level_idx" ON "hardware_fingerprint"("architecture", "isa_level");

-- CreateIndex
CREATE INDEX "hardware_fingerprint_cpu_model_idx" ON "hardware_fingerprint"("cpu_model");

-- CreateIndex
CREATE INDEX "hardware_fingerprint_gpu_models_idx" ON "hardware_fingerprint" USING GIN ("gpu_models");

-- CreateIndex
CREATE INDEX "hold_version_id_idx" ON "hold"("version_id");

-- CreateIndex
CREATE UNIQUE INDEX "article_doi_key" ON "article"("doi");

-- CreateIndex
CREATE INDEX "output_component_doi_idx" ON "output"("component_doi");

-- CreateIndex
CREATE UNIQUE INDEX "output_article_id_scope_kind_number_panel_key" ON "output"("article_id", "scope", "kind", "number", "panel");

-- CreateIndex
CREATE UNIQUE INDEX "run_public_id_key" ON "run"("public_id");

-- CreateIndex
CREATE UNIQUE INDEX "run_content_digest_key" ON "run"("content_digest");

-- CreateIndex
CREATE UNIQUE INDEX "run_artifact_digest_key" ON "run"("artifact_digest");

-- CreateIndex
CREATE INDEX "run_version_id_id_idx" ON "run"("version_id", "id");

-- CreateIndex
CREATE INDEX "run_input_digest_idx" ON "run_input"("digest");

-- CreateIndex
CREATE INDEX "run_file_digest_idx" ON "run_file"("digest");

-- CreateIndex
CREATE INDEX "output_link_run_id_idx" ON "output_link"("run_id");

-- AddForeignKey
ALTER TABLE "access_token" ADD CONSTRAINT "access_token_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "namespace_member" ADD CONSTRAINT "namespace_member_namespace_id_fkey" FOREIGN KEY ("namespace_id") REFERENCES "namespace"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "namespace_member" ADD CONSTRAINT "namespace_member_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository" ADD CONSTRAINT "repository_namespace_id_fkey" FOREIGN KEY ("namespace_id") REFERENCES "namespace"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository_blob" ADD CONSTRAINT "repository_blob_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository_blob" ADD CONSTRAINT "repository_blob_blob_id_fkey" FOREIGN KEY ("blob_id") REFERENCES "blob"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "image_manifest" ADD CONSTRAINT "image_manifest_blob_id_fkey" FOREIGN KEY ("blob_id") REFERENCES "blob"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "manifest_reference" ADD CONSTRAINT "manifest_reference_manifest_id_fkey" FOREIGN KEY ("manifest_id") REFERENCES "image_manifest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository_manifest" ADD CONSTRAINT "repository_manifest_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repository_manifest" ADD CONSTRAINT "repository_manifest_manifest_id_fkey" FOREIGN KEY ("manifest_id") REFERENCES "image_manifest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag" ADD CONSTRAINT "tag_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag" ADD CONSTRAINT "tag_manifest_id_fkey" FOREIGN KEY ("manifest_id") REFERENCES "image_manifest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tag_event" ADD CONSTRAINT "tag_event_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload" ADD CONSTRAINT "upload_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "archive_record" ADD CONSTRAINT "archive_record_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "record_version" ADD CONSTRAINT "record_version_record_id_fkey" FOREIGN KEY ("record_id") REFERENCES "archive_record"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "record_version" ADD CONSTRAINT "record_version_environment_manifest_id_fkey" FOREIGN KEY ("environment_manifest_id") REFERENCES "environment_manifest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "record_version" ADD CONSTRAINT "record_version_hardware_id_fkey" FOREIGN KEY ("hardware_id") REFERENCES "hardware_fingerprint"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "package_file" ADD CONSTRAINT "package_file_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "package_version" ADD CONSTRAINT "package_version_package_id_fkey" FOREIGN KEY ("package_id") REFERENCES "package"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "environment_package" ADD CONSTRAINT "environment_package_manifest_id_fkey" FOREIGN KEY ("manifest_id") REFERENCES "environment_manifest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "environment_package" ADD CONSTRAINT "environment_package_package_version_id_fkey" FOREIGN KEY ("package_version_id") REFERENCES "package_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "environment_requirement" ADD CONSTRAINT "environment_requirement_manifest_id_fkey" FOREIGN KEY ("manifest_id") REFERENCES "environment_manifest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "environment_requirement" ADD CONSTRAINT "environment_requirement_package_id_fkey" FOREIGN KEY ("package_id") REFERENCES "package"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hold" ADD CONSTRAINT "hold_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "output" ADD CONSTRAINT "output_article_id_fkey" FOREIGN KEY ("article_id") REFERENCES "article"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "record_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_input" ADD CONSTRAINT "run_input_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_file" ADD CONSTRAINT "run_file_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "output_link" ADD CONSTRAINT "output_link_output_id_fkey" FOREIGN KEY ("output_id") REFERENCES "output"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "output_link" ADD CONSTRAINT "output_link_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
