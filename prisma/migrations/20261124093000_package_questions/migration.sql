-- AlterTable
ALTER TABLE "environment_manifest" ADD COLUMN     "base_digests" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "files" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "environment_package" ADD COLUMN     "file" SMALLINT,
ADD COLUMN     "line" INTEGER;

-- AlterTable
ALTER TABLE "environment_requirement" ADD COLUMN     "file" SMALLINT,
ADD COLUMN     "line" INTEGER;

-- CreateIndex
CREATE INDEX "environment_manifest_base_digests_idx" ON "environment_manifest" USING GIN ("base_digests");

-- What Prisma cannot say: the microarchitecture stands in the document, and is asked for by name.
CREATE INDEX "hardware_fingerprint_microarchitecture_idx" ON "hardware_fingerprint"
  (("document" -> 'cpu' -> 'microarchitecture' ->> 'value'));
-- So does the environment manifest of an image in the document of its file list.
CREATE INDEX "file_list_environment_digest_idx" ON "file_list" (("document" -> 'environment' ->> 'digest'));
