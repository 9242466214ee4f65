import type { Transaction } from '@envarium/journal';
import type { EnvironmentManifest, HardwareFingerprint, ManifestPackage } from '@envarium/schema';
import { countEcosystems } from './assemble-manifest.js';

interface StoredDocument {
  readonly digest: string;
  readonly size: number;
}

/** PostgreSQL takes 65,535 parameters a statement; arrays are one each, so this only bounds the size of a message. */
const BATCH = 20_000;

/**
 * The rows of an environment manifest, made once however many versions share it. Safe to repeat and to run at once with
 * itself: rows are inserted in sorted order, so two writers never wait for each other in a circle.
 */
export async function insertEnvironmentManifest(
  tx: Transaction,
  stored: StoredDocument,
  manifest: EnvironmentManifest,
): Promise<bigint> {
  const packages = manifest.scopes.flatMap((scope) => scope.packages.map((each) => ({ ...each, scope: scope.kind })));
  const ecosystems = countEcosystems(manifest);
  const inserted = await tx.environmentManifest.createMany({
    data: [{ digest: stored.digest, size: stored.size, packageCount: packages.length, ecosystems }],
    skipDuplicates: true,
  });
  const { id } = await tx.environmentManifest.findUniqueOrThrow({
    where: { digest: stored.digest },
    select: { id: true },
  });
  if (inserted.count === 0) return id;
  for (let start = 0; start < packages.length; start += BATCH) {
    await insertPackages(tx, id, packages.slice(start, start + BATCH));
  }
  return id;
}

/** The row of a hardware fingerprint, made once. */
export async function insertHardware(
  tx: Transaction,
  stored: StoredDocument,
  hardware: HardwareFingerprint,
): Promise<bigint> {
  await tx.hardwareFingerprint.createMany({
    data: [
      {
        digest: stored.digest,
        architecture: hardware.architecture?.value ?? null,
        isaLevel: hardware.cpu?.isaLevel?.value ?? null,
        cpuModel: hardware.cpu?.modelNames?.value[0] ?? null,
        gpuModels: hardware.gpus.map((gpu) => gpu.model),
        gpuDriver: hardware.gpuDriver?.value ?? null,
        document: hardware,
      },
    ],
    skipDuplicates: true,
  });
  const row = await tx.hardwareFingerprint.findUniqueOrThrow({
    where: { digest: stored.digest },
    select: { id: true },
  });
  return row.id;
}

async function insertPackages(
  tx: Transaction,
  manifestId: bigint,
  packages: readonly (ManifestPackage & { scope: string })[],
): Promise<void> {
  const columns = {
    ecosystem: packages.map((each) => each.ecosystem),
    name: packages.map((each) => each.normalizedName),
    version: packages.map((each) => each.version),
    build: packages.map((each) => each.build ?? ''),
    specifier: packages.map((each) => each.specifier ?? ''),
    scope: packages.map((each) => each.scope),
    standing: packages.map((each) => each.standing),
  };
  await tx.$executeRaw`
    INSERT INTO "package" ("ecosystem", "normalized_name")
    SELECT DISTINCT * FROM unnest(${columns.ecosystem}::text[], ${columns.name}::text[]) AS p(e, n) ORDER BY 1, 2
    ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`
    INSERT INTO "package_version" ("package_id", "version", "build")
    SELECT DISTINCT k.id, p.v, p.b
    FROM unnest(${columns.ecosystem}::text[], ${columns.name}::text[], ${columns.version}::text[], ${columns.build}::text[]) AS p(e, n, v, b)
    JOIN "package" k ON k.ecosystem = p.e AND k.normalized_name = p.n
    WHERE p.v IS NOT NULL ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`
    INSERT INTO "environment_package" ("manifest_id", "package_version_id", "scope", "standing")
    SELECT DISTINCT ${manifestId}::bigint, w.id, p.s::"scope_kind", p.st::"standing"
    FROM unnest(${columns.ecosystem}::text[], ${columns.name}::text[], ${columns.version}::text[], ${columns.build}::text[],
                ${columns.scope}::text[], ${columns.standing}::text[]) AS p(e, n, v, b, s, st)
    JOIN "package" k ON k.ecosystem = p.e AND k.normalized_name = p.n
    JOIN "package_version" w ON w.package_id = k.id AND w.version = p.v AND w.build = p.b
    ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`
    INSERT INTO "environment_requirement" ("manifest_id", "package_id", "specifier", "scope")
    SELECT DISTINCT ${manifestId}::bigint, k.id, p.sp, p.s::"scope_kind"
    FROM unnest(${columns.ecosystem}::text[], ${columns.name}::text[], ${columns.version}::text[], ${columns.specifier}::text[],
                ${columns.scope}::text[]) AS p(e, n, v, sp, s)
    JOIN "package" k ON k.ecosystem = p.e AND k.normalized_name = p.n
    WHERE p.v IS NULL
    ON CONFLICT DO NOTHING`;
}
