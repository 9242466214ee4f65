import { satisfiesRange } from '@envarium/versions';
import pg from 'pg';
import { percentile } from '../statistics.js';
import { POPULAR } from './fill-packages.js';

/**
 * The same page as somebody would write it who knows that every environment here is of a published version that everybody
 * may read, and that the package is in most of them, and looks the versions in the range up before: what is read, over one
 * connection, and nothing of what makes it an answer of the service.
 */
const PAGE = `
  WITH page AS MATERIALIZED (
    SELECT DISTINCT e.manifest_id, v.id
    FROM (
      SELECT DISTINCT x.manifest_id FROM environment_package x WHERE x.package_version_id = ANY($1::bigint[])
      ORDER BY x.manifest_id DESC LIMIT 51
    ) AS e
    JOIN record_version v ON v.environment_manifest_id = e.manifest_id
    JOIN archive_record p ON p.id = v.record_id
    JOIN repository n ON n.id = p.repository_id
    WHERE v.state IN ('published', 'withdrawn') AND n.visibility = 'public'
    ORDER BY e.manifest_id DESC, v.id DESC LIMIT 51
  )
  SELECT v.*, p.public_id, n.name, m.digest, m.package_count, m.ecosystems, h.digest AS hardware, h.cpu_model,
    (SELECT jsonb_agg(jsonb_build_array(w.version, x.scope, x.standing, m.files[x.file], x.line))
     FROM environment_package x JOIN package_version w ON w.id = x.package_version_id
     WHERE x.manifest_id = k.manifest_id AND x.package_version_id = ANY($1::bigint[])) AS packages,
    (SELECT jsonb_agg(jsonb_build_array(a.doi, a.title, o.kind, o.number, r.public_id))
     FROM run r JOIN output_link l ON l.run_id = r.id JOIN output o ON o.id = l.output_id JOIN article a ON a.id = o.article_id
     WHERE r.version_id = v.id) AS outputs
  FROM page k
  JOIN record_version v ON v.id = k.id
  JOIN archive_record p ON p.id = v.record_id
  JOIN repository n ON n.id = p.repository_id
  LEFT JOIN environment_manifest m ON m.id = v.environment_manifest_id
  LEFT JOIN hardware_fingerprint h ON h.id = v.hardware_id
  ORDER BY k.manifest_id DESC, v.id DESC`;

export interface HandWritten {
  readonly versionsInRange: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export async function measureHandWritten(url: string, range: string, runs: number): Promise<HandWritten> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; version: string }>(
      `SELECT w.id, w.version FROM package k JOIN package_version w ON w.package_id = k.id
       WHERE k.ecosystem = 'pypi' AND k.normalized_name = $1`,
      [POPULAR],
    );
    const ids = rows.filter(({ version }) => satisfiesRange('pypi', version, range) === true).map(({ id }) => id);
    const times: number[] = [];
    for (let i = 0; i < runs + 20; i++) {
      const begin = performance.now();
      await client.query({ name: 'page', text: PAGE, values: [ids] });
      if (i >= 20) times.push(performance.now() - begin);
    }
    return {
      versionsInRange: ids.length,
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      p99: percentile(times, 0.99),
    };
  } finally {
    await client.end();
  }
}
