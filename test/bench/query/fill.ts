import pg from 'pg';
import { newRecordId } from '../../../libs/records/src/record-id.js';

/** How large the archive is. Everything else follows from it. */
export interface Shape {
  readonly records: number;
  readonly packagesPerRecord: number;
  readonly packageVersions: number;
  readonly linksPerRecord: number;
}

/** Names of what is in the archive, by number from 1: what a reader may ask for. */
export const doiOf = (article: number): string => `10.5555/article.${article}`;
export const labelOf = (output: number): string => `Figure ${output}`;
export const OUTPUTS_PER_ARTICLE = 4;
/** One output in ten is claimed twice. */
export const outputCount = (links: number): number => Math.ceil(links * 0.9);

const MARK = 'bench';

/**
 * Fills an empty archive as years of use would, in bulk and by the rules of the database: one version each, published,
 * with image, environment, hardware, package file, hold, journal events and links. Rows only, no bytes.
 * @returns false when the database was filled before
 * @throws Error when something else is in it
 */
export async function fillArchive(
  url: string,
  shape: Shape,
  fillPackages: (client: pg.Client, shape: Shape) => Promise<void> = fillEqualPackages,
): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number; marked: number }>(
      `SELECT count(*)::int AS n, count(*) FILTER (WHERE created_by = $1)::int AS marked FROM repository`,
      [MARK],
    );
    const [{ n, marked } = { n: 0, marked: 0 }] = rows;
    if (n === shape.records && marked === n) return false;
    if (n > 0) throw new Error(`the database holds ${n} repositories: the benchmark wants an empty one, or its own`);
    await client.query('SET synchronous_commit = off; SET maintenance_work_mem = "256MB"; SET work_mem = "64MB"');
    await client.query('BEGIN');
    for (const statement of statements(shape)) await client.query(statement);
    await fillPackages(client, shape);
    await client.query(
      `INSERT INTO archive_record (id, public_id, repository_id, created_at, created_by)
       SELECT i, id, i, ${atTime('i')}, '${MARK}' FROM unnest($1::text[]) WITH ORDINALITY AS t(id, i)`,
      [distinctRecordIds(shape.records)],
    );
    for (const statement of versionStatements(shape)) await client.query(statement);
    await client.query('COMMIT');
    await client.query('VACUUM (ANALYZE)');
    return true;
  } finally {
    await client.end();
  }
}

function distinctRecordIds(count: number): string[] {
  const ids = new Set<string>();
  while (ids.size < count) ids.add(newRecordId());
  return [...ids];
}

const digest = (kind: string, i: string): string => `'sha256:' || encode(sha256(('${kind} ' || ${i})::bytea), 'hex')`;
const atTime = (i: string): string => `timestamptz '2026-01-01' + ${i} * interval '10 minutes'`;

/** Kinds of blobs that a record brings; image manifests and record artifacts are image manifests too. */
const BLOBS = ['image', 'config', 'layer', 'document', 'record', 'environment', 'file'] as const;
const blobId = (kind: (typeof BLOBS)[number], i = 'i'): string =>
  `(${i} - 1) * ${BLOBS.length} + ${BLOBS.indexOf(kind) + 1}`;

function statements({ records, packagesPerRecord }: Shape): string[] {
  const each = `generate_series(1, ${records}) AS i`;
  const insertReferences = `INSERT INTO manifest_reference (manifest_id, position, kind, digest, media_type, size)`;
  return [
    `INSERT INTO namespace (id, name, created_at, created_by)
     SELECT i, 'lab-' || i, ${atTime('i')}, '${MARK}' FROM generate_series(1, ${Math.ceil(records / 50)}) AS i`,
    `INSERT INTO repository (id, namespace_id, name, visibility, created_at, created_by)
     SELECT i, 1 + (i - 1) / 50, 'lab-' || (1 + (i - 1) / 50) || '/study-' || i, 'public', ${atTime('i')}, '${MARK}' FROM ${each}`,
    ...BLOBS.map(
      (kind) => `INSERT INTO blob (id, digest, size, created_at)
        SELECT ${blobId(kind)}, ${digest(kind, 'i')}, 4000, ${atTime('i')} FROM ${each}`,
    ),
    `INSERT INTO repository_blob (repository_id, blob_id, created_at)
     SELECT i, (i - 1) * ${BLOBS.length} + k, ${atTime('i')} FROM ${each}, generate_series(1, ${BLOBS.length}) AS k`,
    `INSERT INTO image_manifest (id, blob_id, digest, media_type, kind, artifact_type)
     SELECT i, ${blobId('image')}, ${digest('image', 'i')}, 'application/vnd.oci.image.manifest.v1+json', 'image',
            'application/vnd.oci.image.config.v1+json' FROM ${each}`,
    `INSERT INTO image_manifest (id, blob_id, digest, media_type, kind, artifact_type, subject_digest)
     SELECT ${records} + i, ${blobId('record')}, ${digest('record', 'i')}, 'application/vnd.oci.image.manifest.v1+json', 'image',
            'application/vnd.envarium.record.v1+json', ${digest('image', 'i')} FROM ${each}`,
    `${insertReferences} SELECT i, 0, 'config', ${digest('config', 'i')}, 'application/vnd.oci.image.config.v1+json', 4000 FROM ${each}`,
    `${insertReferences} SELECT i, 1, 'layer', ${digest('layer', 'i')}, 'application/vnd.oci.image.layer.v1.tar+gzip', 4000 FROM ${each}`,
    `${insertReferences} SELECT ${records} + i, 0, 'config', ${digest('document', 'i')}, 'application/vnd.envarium.record.v1+json', 4000 FROM ${each}`,
    `${insertReferences} SELECT ${records} + i, 1, 'layer', ${digest('file', 'i')}, 'application/octet-stream', 4000 FROM ${each}`,
    `${insertReferences} SELECT ${records} + i, 2, 'subject', ${digest('image', 'i')}, 'application/vnd.oci.image.manifest.v1+json', 4000 FROM ${each}`,
    `INSERT INTO repository_manifest (repository_id, manifest_id, pushed_at, pushed_by)
     SELECT i, m, ${atTime('i')}, '${MARK}' FROM ${each}, unnest(ARRAY[i, ${records} + i]) AS m`,
    `INSERT INTO tag (repository_id, name, manifest_id, updated_at)
     SELECT i, t.name, t.manifest, ${atTime('i')} FROM ${each}, (VALUES ('v1', 0), ('v1.record', ${records})) AS v(name, step),
       LATERAL (SELECT v.name, i + v.step AS manifest) AS t`,
    `INSERT INTO environment_manifest (id, digest, size, package_count, ecosystems)
     SELECT i, ${digest('environment', 'i')}, 30000, ${packagesPerRecord},
            '[{"ecosystem": "pypi", "packageCount": ${packagesPerRecord}}]' FROM ${each}`,
    `INSERT INTO hardware_fingerprint (id, digest, architecture, isa_level, cpu_model, gpu_models, document)
     SELECT i, ${digest('hardware', 'i')}, 'x86_64', 'x86-64-v3', 'CPU model ' || i, ARRAY[]::text[], '{"schemaVersion": 1}'
     FROM generate_series(1, 200) AS i`,
  ];
}

/** Packages of four versions each, chosen version by version. */
async function fillEqualPackages(
  client: pg.Client,
  { records, packagesPerRecord, packageVersions }: Shape,
): Promise<void> {
  const each = `generate_series(1, ${records}) AS i`;
  const filling = [
    `INSERT INTO package (id, ecosystem, normalized_name)
     SELECT i, 'pypi', 'package-' || i FROM generate_series(1, ${Math.ceil(packageVersions / 4)}) AS i`,
    `INSERT INTO package_version (id, package_id, version)
     SELECT i, 1 + (i - 1) / 4, '1.' || i || '.0' FROM generate_series(1, ${packageVersions}) AS i`,
    // Zipf with exponent 1: rank k comes with a frequency in proportion to 1/k. More draws than needed, as ranks repeat.
    `INSERT INTO environment_package (manifest_id, package_version_id, scope, standing)
     SELECT i, chosen.rank, 'language', 'locked' FROM ${each}, LATERAL (
       SELECT DISTINCT least(${packageVersions}, floor(exp(random() * ln(${packageVersions} + 1)))::int + 0 * i) AS rank
       FROM generate_series(1, ${packagesPerRecord * 3}) LIMIT ${packagesPerRecord}) AS chosen
     ORDER BY 1, 2`,
  ];
  for (const statement of filling) await client.query(statement);
}

function versionStatements({ records, linksPerRecord }: Shape): string[] {
  const each = `generate_series(1, ${records}) AS i`;
  const links = records * linksPerRecord;
  const outputs = outputCount(links);
  const eachLink = `generate_series(1, ${links}) AS i`;
  const recordOf = `1 + (i - 1) / ${linksPerRecord}`;
  const event = (kind: string, count: number, step: number): string =>
    `INSERT INTO event (id, kind, at, actor, subject, detail, stored_at)
     SELECT lpad(to_hex(i * 16 + ${step}), 26, '0'), '${kind}', ${atTime('i')}, '${MARK}', 'lab-' || i || '/study@v1',
            jsonb_build_object('record', i, 'version', 1, 'documentDigest', ${digest('document', 'i')}), now()
     FROM generate_series(1, ${count}) AS i`;
  return [
    `INSERT INTO record_version (id, record_id, number, state, title, description, document_digest, image_digest,
       environment_manifest_id, hardware_id, created_at, created_by)
     SELECT i, i, 1, 'draft', 'Study ' || i, 'How the figures of study ' || i || ' were made.', ${digest('document', 'i')},
            ${digest('image', 'i')}, i, 1 + i % 200, ${atTime('i')}, '${MARK}' FROM ${each}`,
    `INSERT INTO package_file (version_id, path, digest, size, format, package_count)
     SELECT i, 'requirements.txt', ${digest('file', 'i')}, 4000, 'pip-requirements', 100 FROM ${each}`,
    `UPDATE record_version SET state = 'published', published_at = created_at, published_by = '${MARK}',
       record_digest = ${digest('record', 'id')}`,
    `INSERT INTO hold (id, version_id, reason, placed_at, placed_by)
     SELECT 'hold-' || i, i, 'published', ${atTime('i')}, '${MARK}' FROM ${each}`,
    `INSERT INTO article (id, doi, as_given, title, created_at)
     SELECT i, '10.5555/article.' || i, '10.5555/article.' || i, 'Article ' || i, ${atTime('i')}
     FROM generate_series(1, ${Math.ceil(outputs / OUTPUTS_PER_ARTICLE)}) AS i`,
    `INSERT INTO output (id, article_id, scope, kind, number, as_printed, created_at)
     SELECT i, 1 + (i - 1) / ${OUTPUTS_PER_ARTICLE}, 'main', 'figure', 1 + (i - 1) % ${OUTPUTS_PER_ARTICLE},
            'Fig. ' || (1 + (i - 1) % ${OUTPUTS_PER_ARTICLE}), ${atTime('i')} FROM generate_series(1, ${outputs}) AS i`,
    `INSERT INTO run (id, public_id, version_id, content_digest, artifact_digest, command, created_at)
     SELECT i, lpad(to_hex(i), 26, '0'), ${recordOf}, ${digest('claim', 'i')}, ${digest('link', 'i')}, 'python figure.py ' || i,
            ${atTime('i')} FROM ${eachLink}`,
    `INSERT INTO run_file (run_id, position, name, digest, size)
     SELECT i, 0, 'figure.svg', ${digest('figure', 'i')}, 20000 FROM ${eachLink}`,
    `INSERT INTO run_input (run_id, position, name, digest, size)
     SELECT i, 0, 'data.csv', ${digest('data', 'i')}, 20000 FROM ${eachLink}`,
    `INSERT INTO output_link (output_id, run_id, status, asserted_by, asserted_role, asserted_at)
     SELECT 1 + (i - 1) % ${outputs}, i, 'proposed', '${MARK}', 'author', ${atTime('i')} FROM ${eachLink}`,
    event('repository-created', records, 0),
    event('manifest-pushed', records, 1),
    event('record-created', records, 2),
    event('deposited', records, 3),
    event('published', records, 4),
    event('hold-placed', records, 5),
    event('linked', links, 6),
    `DO $$
     DECLARE name text;
     BEGIN
       FOREACH name IN ARRAY ARRAY['namespace', 'repository', 'blob', 'image_manifest', 'archive_record', 'record_version',
         'environment_manifest', 'package', 'package_version', 'hardware_fingerprint', 'article', 'output', 'run'] LOOP
         EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), max(id)) FROM %I', name, name);
       END LOOP;
     END $$`,
  ];
}
