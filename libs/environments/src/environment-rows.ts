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
  const files = evidenceFiles(packages);
  const packageCount = ecosystems.reduce((sum, each) => sum + each.packageCount, 0);
  const fixed = new Set(packages.filter(({ version }) => version !== null).map(nameOf));
  const baseDigests = [...new Set(manifest.baseImages.flatMap(({ digest }) => (digest === null ? [] : [digest])))];
  const inserted = await tx.environmentManifest.createMany({
    data: [{ digest: stored.digest, size: stored.size, packageCount, ecosystems, files, baseDigests }],
    skipDuplicates: true,
  });
  const { id } = await tx.environmentManifest.findUniqueOrThrow({
    where: { digest: stored.digest },
    select: { id: true },
  });
  if (inserted.count === 0) return id;
  for (let start = 0; start < packages.length; start += BATCH) {
    await insertPackages(tx, id, packages.slice(start, start + BATCH), { files, fixed });
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

/** A deposit of more files keeps its evidence in the document alone. */
const MAX_FILES = 32_767;

function evidenceFiles(packages: readonly ManifestPackage[]): string[] {
  const files = packages.flatMap(({ evidence }) => evidence.slice(0, 1).map(({ file }) => file));
  return [...new Set(files)].sort().slice(0, MAX_FILES);
}

function nameOf({ ecosystem, normalizedName }: ManifestPackage): string {
  return `${ecosystem}\0${normalizedName}`;
}

async function insertPackages(
  tx: Transaction,
  manifestId: bigint,
  packages: readonly (ManifestPackage & { scope: string })[],
  { files, fixed }: { readonly files: readonly string[]; readonly fixed: ReadonlySet<string> },
): Promise<void> {
  const positions = new Map(files.map((file, index) => [file, index + 1]));
  const columns = {
    ecosystem: packages.map((each) => each.ecosystem),
    name: packages.map((each) => each.normalizedName),
    version: packages.map((each) => each.version),
    build: packages.map((each) => each.build ?? ''),
    specifier: packages.map((each) => each.specifier ?? ''),
    scope: packages.map((each) => each.scope),
    standing: packages.map((each) => each.standing),
    isFixed: packages.map((each) => fixed.has(nameOf(each))),
    file: packages.map(({ evidence: [first] }) => (first && positions.get(first.file)) ?? null),
    line: packages.map(({ evidence: [first] }) => first?.line ?? null),
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
    INSERT INTO "environment_package" ("manifest_id", "package_version_id", "scope", "standing", "file", "line")
    SELECT DISTINCT ON (w.id, p.s, p.st) ${manifestId}::bigint, w.id, p.s::"scope_kind", p.st::"standing", p.f, p.l
    FROM unnest(${columns.ecosystem}::text[], ${columns.name}::text[], ${columns.version}::text[], ${columns.build}::text[],
                ${columns.scope}::text[], ${columns.standing}::text[], ${columns.file}::smallint[], ${columns.line}::int[])
      AS p(e, n, v, b, s, st, f, l)
    JOIN "package" k ON k.ecosystem = p.e AND k.normalized_name = p.n
    JOIN "package_version" w ON w.package_id = k.id AND w.version = p.v AND w.build = p.b
    ORDER BY w.id, p.s, p.st, p.f, p.l
    ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`
    INSERT INTO "environment_requirement" ("manifest_id", "package_id", "specifier", "scope", "is_fixed", "file", "line")
    SELECT DISTINCT ON (k.id, p.sp, p.s) ${manifestId}::bigint, k.id, p.sp, p.s::"scope_kind", p.x, p.f, p.l
    FROM unnest(${columns.ecosystem}::text[], ${columns.name}::text[], ${columns.version}::text[], ${columns.specifier}::text[],
                ${columns.scope}::text[], ${columns.isFixed}::boolean[], ${columns.file}::smallint[], ${columns.line}::int[])
      AS p(e, n, v, sp, s, x, f, l)
    JOIN "package" k ON k.ecosystem = p.e AND k.normalized_name = p.n
    WHERE p.v IS NULL
    ORDER BY k.id, p.sp, p.s, p.f, p.l
    ON CONFLICT DO NOTHING`;
}
