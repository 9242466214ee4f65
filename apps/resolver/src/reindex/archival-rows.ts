import type { PrismaService } from '@envarium/database';
import { z } from 'zod';

/**
 * Every archival table without surrogate keys, so that two databases over one object store can be compared row by row.
 * Operational columns are left out: when a blob was last verified, when an event's entry was stored.
 */
const ARCHIVAL_ROWS: Readonly<Record<string, string>> = {
  namespace: `SELECT name, created_at, created_by FROM namespace`,
  event: `SELECT id, seq, kind, at, actor, subject, detail FROM event`,
  repository: `SELECT r.name, n.name AS namespace, r.visibility, r.created_at, r.created_by
    FROM repository r JOIN namespace n ON n.id = r.namespace_id`,
  image_manifest: `SELECT m.digest, b.digest AS blob, b.size, m.media_type, m.kind, m.artifact_type, m.subject_digest, m.annotations
    FROM image_manifest m JOIN blob b ON b.id = m.blob_id`,
  manifest_reference: `SELECT m.digest AS manifest, f.position, f.kind, f.digest, f.media_type, f.size, f.platform
    FROM manifest_reference f JOIN image_manifest m ON m.id = f.manifest_id`,
  repository_manifest: `SELECT r.name, m.digest, p.pushed_at, p.pushed_by FROM repository_manifest p
    JOIN repository r ON r.id = p.repository_id JOIN image_manifest m ON m.id = p.manifest_id`,
  referenced_blob: `SELECT r.name, b.digest, b.size FROM repository_blob p
    JOIN repository r ON r.id = p.repository_id JOIN blob b ON b.id = p.blob_id
    WHERE EXISTS (SELECT 1 FROM manifest_reference f WHERE f.digest = b.digest)
       OR EXISTS (SELECT 1 FROM package_file f WHERE f.digest = b.digest)`,
  tag: `SELECT r.name AS repository, t.name, m.digest, t.updated_at FROM tag t
    JOIN repository r ON r.id = t.repository_id JOIN image_manifest m ON m.id = t.manifest_id`,
  tag_event: `SELECT e.id, r.name AS repository, e.name, e.digest, e.previous_digest, e.at, e.actor FROM tag_event e
    JOIN repository r ON r.id = e.repository_id`,
  mirror: `SELECT r.name, m.digest, m.reference, m.recorded_at, m.recorded_by FROM mirror m
    JOIN repository r ON r.id = m.repository_id`,
  archive_record: `SELECT a.public_id, r.name, a.created_at, a.created_by FROM archive_record a
    JOIN repository r ON r.id = a.repository_id`,
  record_version: `SELECT a.public_id, v.number, v.state, v.title, v.description, v.document_digest, v.record_digest, v.image_digest,
      e.digest AS environment, h.digest AS hardware, v.created_at, v.created_by, v.published_at, v.published_by,
      v.withdrawn_at, v.withdrawal_reason
    FROM record_version v JOIN archive_record a ON a.id = v.record_id
    LEFT JOIN environment_manifest e ON e.id = v.environment_manifest_id
    LEFT JOIN hardware_fingerprint h ON h.id = v.hardware_id`,
  package_file: `SELECT a.public_id, v.number, f.path, f.digest, f.size, f.format, f.package_count, f.secret_count, f.message, f.line
    FROM package_file f JOIN record_version v ON v.id = f.version_id JOIN archive_record a ON a.id = v.record_id`,
  environment_manifest: `SELECT digest, size, package_count, ecosystems, files, base_digests FROM environment_manifest e
    WHERE EXISTS (SELECT 1 FROM record_version v WHERE v.environment_manifest_id = e.id)
       OR EXISTS (SELECT 1 FROM file_list f WHERE f.document->'environment'->>'digest' = e.digest)`,
  environment_package: `SELECT e.digest, k.ecosystem, k.normalized_name, w.version, w.build, p.scope, p.standing, p.file, p.line
    FROM environment_package p JOIN environment_manifest e ON e.id = p.manifest_id
    JOIN package_version w ON w.id = p.package_version_id JOIN package k ON k.id = w.package_id`,
  environment_requirement: `SELECT e.digest, k.ecosystem, k.normalized_name, q.specifier, q.scope, q.is_fixed, q.file, q.line
    FROM environment_requirement q JOIN environment_manifest e ON e.id = q.manifest_id JOIN package k ON k.id = q.package_id`,
  hardware_fingerprint: `SELECT digest, architecture, isa_level, cpu_model, gpu_models, gpu_driver, document FROM hardware_fingerprint`,
  hold: `SELECT h.id, a.public_id, v.number, h.reason, h.placed_at, h.placed_by, h.lifted_at FROM hold h
    JOIN record_version v ON v.id = h.version_id JOIN archive_record a ON a.id = v.record_id`,
  article: `SELECT doi, as_given, title, created_at FROM article`,
  output: `SELECT a.doi, o.scope, o.kind, o.number, o.panel, o.as_printed, o.component_doi, o.created_at
    FROM output o JOIN article a ON a.id = o.article_id`,
  run: `SELECT r.public_id, a.public_id AS record, v.number, r.content_digest, r.artifact_digest, r.command, r.created_at
    FROM run r JOIN record_version v ON v.id = r.version_id JOIN archive_record a ON a.id = v.record_id`,
  run_input: `SELECT r.public_id, i.position, i.name, i.digest, i.size FROM run_input i JOIN run r ON r.id = i.run_id`,
  run_file: `SELECT r.public_id, f.position, f.name, f.digest, f.size FROM run_file f JOIN run r ON r.id = f.run_id`,
  recipe: `SELECT a.public_id, v.number, p.artifact_digest, p.document, p.created_at, p.created_by
    FROM recipe p JOIN record_version v ON v.id = p.version_id JOIN archive_record a ON a.id = v.record_id`,
  closure: `SELECT a.public_id, v.number, p.artifact_digest AS recipe, c.artifact_digest, c.image_digest, c.document,
      c.recorded_at, c.recorded_by
    FROM closure c JOIN recipe p ON p.id = c.recipe_id JOIN record_version v ON v.id = c.version_id
    JOIN archive_record a ON a.id = v.record_id`,
  file_list: `SELECT image_digest, noise_policy, artifact_digest, document, created_at FROM file_list`,
  receipt: `SELECT a.public_id AS record, v.number, t.public_id, t.kind, r.public_id AS run, t.outcome, t.summary, t.subject_digest,
      t.artifact_digest, t.envelope_digest, t.key_id, t.is_proof, t.statement, t.created_at, t.created_by
    FROM receipt t JOIN record_version v ON v.id = t.version_id JOIN archive_record a ON a.id = v.record_id
    LEFT JOIN run r ON r.id = t.run_id`,
  signing_key: `SELECT key_id, public_key, created_at, retired_at FROM signing_key`,
  output_link: `SELECT a.doi, o.scope, o.kind, o.number, o.panel, r.public_id, l.status, l.asserted_by, l.asserted_role, l.asserted_at
    FROM output_link l JOIN output o ON o.id = l.output_id JOIN article a ON a.id = o.article_id JOIN run r ON r.id = l.run_id`,
};

const Rows = z.array(z.object({ row: z.string() }));

/** All archival rows of a database, by table, as sorted JSON texts. */
export async function archivalRows(prisma: PrismaService): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const [table, query] of Object.entries(ARCHIVAL_ROWS)) {
    const rows = Rows.parse(
      await prisma.$queryRawUnsafe(
        `SELECT to_jsonb(t)::text AS "row" FROM (${query}) t ORDER BY to_jsonb(t)::text COLLATE "C"`,
      ),
    );
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}
