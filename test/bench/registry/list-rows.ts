import { digestOf } from '@envarium/oci';
import { newRecordId } from '../../../libs/records/src/record-id.js';
import { type Ledger, ImagePush } from '../../crash/image-push.js';
import type { ServiceUnderTest } from '../../crash/service-under-test.js';
import type { ListSizes } from './lists.js';

/** Repositories that have a long list of something. */
export const LIST_NAMES = { tags: 'bench/tags', referrers: 'bench/referrers' } as const;

const padded = (i: number): string => String(i).padStart(7, '0');
export const repositoryName = (i: number): string => `lab/study-${padded(i)}`;
export const tagName = (i: number): string => `v0.${padded(i)}`;

/**
 * One image each is pushed; the rest are rows, in bulk.
 * @returns digest of the image that has referrers
 */
export async function fillLists(service: ServiceUnderTest, sizes: ListSizes): Promise<string> {
  const ledger: Ledger = { acknowledged: new Set(), sent: new Set() };
  const images = Object.values(LIST_NAMES).map((name) => new ImagePush(name, 'one-request', 1000, ledger, () => {}));
  for (const image of images) await image.run(service.url);
  const subject = digestOf(images[1]?.manifest ?? Buffer.alloc(0));
  for (const statement of statements(sizes, subject)) await service.sql(statement);
  await publishHalf(service, sizes.repositories);
  await service.sql('VACUUM ANALYZE');
  return subject;
}

function statements({ repositories, tags, referrers }: ListSizes, subject: string): string[] {
  const digest = `'sha256:' || encode(sha256(('referrer ' || i)::bytea), 'hex')`;
  const idOf = (name: string): string => `(SELECT id FROM repository WHERE name = '${name}')`;
  return [
    `INSERT INTO namespace (name, created_at, created_by) VALUES ('lab', now(), 'bench')`,
    `INSERT INTO repository (namespace_id, name, visibility, created_at, created_by)
     SELECT (SELECT id FROM namespace WHERE name = 'lab'), 'lab/study-' || lpad(i::text, 7, '0'),
            'public', now(), 'bench'
     FROM generate_series(1, ${repositories}) AS i`,
    `INSERT INTO tag (repository_id, name, manifest_id, updated_at)
     SELECT t.repository_id, 'v0.' || lpad(i::text, 7, '0'), t.manifest_id, now()
     FROM tag t, generate_series(1, ${tags}) AS i WHERE t.repository_id = ${idOf(LIST_NAMES.tags)}`,
    `INSERT INTO blob (digest, size) SELECT ${digest}, 700 FROM generate_series(1, ${referrers}) AS i`,
    `INSERT INTO image_manifest (blob_id, digest, media_type, kind, artifact_type, subject_digest, annotations)
     SELECT b.id, b.digest, 'application/vnd.oci.image.manifest.v1+json', 'image',
            'application/vnd.dev.cosign.artifact.sig.v1+json', '${subject}',
            jsonb_build_object('org.opencontainers.image.created', '2026-11-24T00:00:00Z', 'org.example.number', i::text)
     FROM generate_series(1, ${referrers}) AS i JOIN blob b ON b.digest = ${digest}`,
    `INSERT INTO repository_manifest (repository_id, manifest_id, pushed_at, pushed_by)
     SELECT ${idOf(LIST_NAMES.referrers)}, id, now(), 'bench' FROM image_manifest WHERE subject_digest = '${subject}'`,
  ];
}

/** What everybody may see: every second repository has a published version, and the others have none. */
async function publishHalf(service: ServiceUnderTest, repositories: number): Promise<void> {
  const ids = new Set<string>();
  while (ids.size < Math.floor(repositories / 2)) ids.add(newRecordId());
  await service.sql(
    `INSERT INTO archive_record (public_id, repository_id, created_at, created_by)
     SELECT t.id, r.id, now(), 'bench' FROM unnest($1::text[]) WITH ORDINALITY AS t(id, i)
     JOIN repository r ON r.name = 'lab/study-' || lpad((2 * i)::text, 7, '0')`,
    [[...ids]],
  );
  await service.sql(
    `INSERT INTO record_version (record_id, number, state, title, description, document_digest, created_at, created_by)
     SELECT id, 1, 'draft', 'Study', '', 'sha256:' || encode(sha256(('document ' || id)::bytea), 'hex'), now(), 'bench'
     FROM archive_record`,
  );
  await service.sql(
    `UPDATE record_version SET state = 'published', published_at = created_at, published_by = 'bench',
     record_digest = 'sha256:' || encode(sha256(('record ' || id)::bytea), 'hex')`,
  );
}
