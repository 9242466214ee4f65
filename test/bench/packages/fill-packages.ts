import type pg from 'pg';
import type { Shape } from '../query/fill.js';

/** The package that nearly every environment has, as numpy in ours. */
export const POPULAR = 'package-1';
/** One environment in twenty only asks for it. */
const ASKS_ONLY = 20;
/** Environments that travel in one statement. */
const BATCH = 400;

/** Distinct versions of each package: the more popular, the more releases; in sum as many as the shape says. */
export function versionsOfPackages(packageVersions: number): number[] {
  const packages = Math.max(1, Math.round(packageVersions / 7));
  const weights = Array.from({ length: packages }, (_, i) => 1 / Math.sqrt(i + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => Math.max(1, Math.round((packageVersions * weight) / sum)));
}

/** 0 -> 1.0.0, 47 -> 1.9.2: five releases a series, the first of them a candidate now and then. */
export function versionName(index: number): string {
  const [series, patch] = [Math.floor(index / 5), index % 5];
  return patch === 0 && series % 4 === 3 ? `1.${series}.0rc1` : `1.${series}.${patch}`;
}

/**
 * Environments as researchers have them: popular packages in nearly all of them, rare ones in few, newer versions more often
 * than old ones. Bulk statements without foreign-key checks, or 25 million rows would take an hour.
 */
export async function fillRealisticPackages(client: pg.Client, shape: Shape): Promise<void> {
  const counts = versionsOfPackages(shape.packageVersions);
  const firstId = counts.map((_, i) => 1 + counts.slice(0, i).reduce((sum, count) => sum + count, 0));
  await client.query(
    `INSERT INTO package (id, ecosystem, normalized_name) SELECT i, 'pypi', 'package-' || i FROM generate_series(1, $1::int) AS i`,
    [counts.length],
  );
  const versions = counts.flatMap((count, i) =>
    Array.from({ length: count }, (_, j) => ({ package: i + 1, version: versionName(j) })),
  );
  await client.query(
    `INSERT INTO package_version (id, package_id, version)
     SELECT ordinality, p, v FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS t(p, v)`,
    [versions.map((each) => each.package), versions.map((each) => each.version)],
  );
  await client.query(`SET LOCAL session_replication_role = 'replica'`);
  await client.query(`UPDATE environment_manifest SET files = ARRAY['requirements.txt']`);
  await client.query('DROP INDEX environment_package_package_version_id_manifest_id_idx');
  const random = seededRandom(7);
  for (let start = 1; start <= shape.records; start += BATCH) {
    await insertEnvironments(client, shape, { start, counts, firstId, random });
  }
  await client.query(
    `CREATE INDEX environment_package_package_version_id_manifest_id_idx ON environment_package (package_version_id, manifest_id)`,
  );
  await client.query(
    `INSERT INTO environment_requirement (manifest_id, package_id, specifier, scope, file, line)
     SELECT i, 1, '>=1.2', 'language', 1, 1 FROM generate_series(${ASKS_ONLY}, $1::int, ${ASKS_ONLY}) AS i`,
    [shape.records],
  );
  await client.query(`SET LOCAL session_replication_role = 'origin'`);
}

interface Batch {
  readonly start: number;
  readonly counts: readonly number[];
  readonly firstId: readonly number[];
  readonly random: () => number;
}

async function insertEnvironments(
  client: pg.Client,
  { records, packagesPerRecord }: Shape,
  { start, counts, firstId, random }: Batch,
): Promise<void> {
  const manifests: number[] = [];
  const versions: number[] = [];
  const lines: number[] = [];
  for (let manifest = start; manifest < Math.min(start + BATCH, records + 1); manifest++) {
    const asksOnly = manifest % ASKS_ONLY === 0;
    const chosen = choosePackages(Math.min(packagesPerRecord, counts.length), counts.length, random);
    let line = 0;
    for (const index of chosen) {
      line++;
      if (asksOnly && index === 0) continue;
      manifests.push(manifest);
      versions.push((firstId[index] ?? 1) + chooseVersion(counts[index] ?? 1, random));
      lines.push(line);
    }
  }
  await client.query(
    `INSERT INTO environment_package (manifest_id, package_version_id, scope, standing, file, line)
     SELECT m, v, 'language', 'locked', 1, l FROM unnest($1::bigint[], $2::bigint[], $3::int[]) AS t(m, v, l)
     ORDER BY 1, 2`,
    [manifests, versions, lines],
  );
}

/** Distinct packages, rank k with a frequency in proportion to 1/k. */
function choosePackages(wanted: number, packages: number, random: () => number): Set<number> {
  const chosen = new Set<number>();
  while (chosen.size < wanted)
    chosen.add(Math.min(packages, Math.floor(Math.exp(random() * Math.log(packages + 1)))) - 1);
  return chosen;
}

/** The newest half of the releases is in three quarters of the environments. */
function chooseVersion(count: number, random: () => number): number {
  return Math.min(count - 1, Math.floor(count * Math.sqrt(random())));
}

/** The same archive every time: https://en.wikipedia.org/wiki/Linear_congruential_generator with the numbers of Knuth's MMIX. */
function seededRandom(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 11n) / 2 ** 53;
  };
}
