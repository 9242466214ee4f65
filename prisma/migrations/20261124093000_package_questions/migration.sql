-- AlterTable
ALTER TABLE "environment_manifest" ADD COLUMN     "base_digests" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "files" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "environment_package" ADD COLUMN     "file" SMALLINT,
ADD COLUMN     "line" INTEGER;

-- AlterTable
ALTER TABLE "environment_requirement" ADD COLUMN     "file" SMALLINT,
ADD COLUMN     "is_fixed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "line" INTEGER;

-- CreateIndex
CREATE INDEX "environment_manifest_base_digests_idx" ON "environment_manifest" USING GIN ("base_digests");

-- What Prisma cannot say: the microarchitecture stands in the document, and is asked for by name.
CREATE INDEX "hardware_fingerprint_microarchitecture_idx" ON "hardware_fingerprint"
  (("document" -> 'cpu' -> 'microarchitecture' ->> 'value'));
-- So does the environment manifest of an image in the document of its file list.
CREATE INDEX "file_list_environment_digest_idx" ON "file_list" (("document" -> 'environment' ->> 'digest'));

-- Rows of content never change, so what older rows leave out is filled in here, once.
ALTER TABLE "environment_requirement" DISABLE TRIGGER "append_only";
UPDATE "environment_requirement" q SET "is_fixed" = true WHERE EXISTS (
  SELECT FROM "environment_package" e JOIN "package_version" w ON w.id = e.package_version_id
  WHERE e.manifest_id = q.manifest_id AND w.package_id = q.package_id);
ALTER TABLE "environment_requirement" ENABLE TRIGGER "append_only";
