import { Prisma } from '@envarium/database';

/** The environment manifest of an image is named by its file list. */
const LISTED = Prisma.sql`file_list f JOIN environment_manifest i ON i.digest = f.document->'environment'->>'digest'`;

/** `version_id` of every version with this environment manifest, by its files, by its image, by an image of its index: once for each. */
export function versionsOfEnvironment(manifestId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT d.id AS version_id FROM record_version d WHERE d.environment_manifest_id = ${manifestId}
    UNION ALL
    SELECT d.id FROM ${LISTED} JOIN record_version d ON d.image_digest = f.image_digest WHERE i.id = ${manifestId}
    UNION ALL
    SELECT d.id FROM ${LISTED}
    JOIN manifest_reference c ON c.digest = f.image_digest AND c.kind = 'child'
    JOIN image_manifest t ON t.id = c.manifest_id
    JOIN record_version d ON d.image_digest = t.digest WHERE i.id = ${manifestId}`;
}

/** `manifest_id` and digest of what an image, or every image of an index, says itself. */
export function imageEnvironmentsOf(imageDigest: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT i.id AS manifest_id, i.digest FROM ${LISTED} WHERE f.image_digest = ${imageDigest}
    UNION
    SELECT i.id, i.digest FROM image_manifest t
    JOIN manifest_reference c ON c.manifest_id = t.id AND c.kind = 'child'
    JOIN ${LISTED} ON f.image_digest = c.digest WHERE t.digest = ${imageDigest}`;
}
