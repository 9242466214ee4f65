import { ANONYMOUS } from '@envarium/access';
import { RecordsService } from '@envarium/records';
import { archiveSampleProvenance } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestClient } from './rest-client.js';
import { pushImage, startTestServer, type TestServer } from './server-harness.js';

const FILES = {
  'requirements.txt': 'numpy==1.26.4\nscipy>=1.0\n',
  cpuinfo: 'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2\n',
};

/** Table, a change of one column, and whether a row can be deleted. Everything else in the database is operational. */
const FROZEN: readonly (readonly [table: string, change: string])[] = [
  ['event', `actor = 'mallory'`],
  ['event', 'stored_at = now()'],
  ['namespace', `name = 'stolen'`],
  ['repository', `name = 'lab/stolen'`],
  ['repository', `created_by = 'mallory'`],
  ['blob', `digest = 'sha256:' || repeat('0', 64)`],
  ['blob', 'size = size + 1'],
  ['blob', `state = 'quarantined'`],
  ['blob', `state = 'removed'`],
  ['repository_blob', 'created_at = now()'],
  ['image_manifest', `media_type = 'text/plain'`],
  ['manifest_reference', `kind = 'layer'`],
  ['repository_manifest', `pushed_by = 'mallory'`],
  ['tag_event', `actor = 'mallory'`],
  ['archive_record', `public_id = 'env-0000-0000'`],
  ['archive_record', `created_by = 'mallory'`],
  ['record_version', `title = 'other'`],
  ['record_version', `state = 'draft'`],
  ['record_version', `image_digest = NULL`],
  ['record_version', `published_at = now()`],
  ['package_file', `digest = 'sha256:' || repeat('0', 64)`],
  ['environment_manifest', 'package_count = 0'],
  ['package', `normalized_name = 'other'`],
  ['package_version', `version = '0'`],
  ['environment_package', `standing = 'observed'`],
  ['environment_requirement', `specifier = '==1'`],
  ['hardware_fingerprint', `cpu_model = 'other'`],
  ['hold', `reason = 'none'`],
  ['hold', `placed_at = now()`],
  ['article', `doi = '10.5555/other'`],
  ['output', `number = '9'`],
  ['run', `command = 'rm -rf /'`],
  ['run_input', `digest = 'sha256:' || repeat('0', 64)`],
  ['run_file', `digest = 'sha256:' || repeat('0', 64)`],
  ['output_link', `asserted_by = 'mallory'`],
  ['mirror', `reference = 'registry.example.org/other'`],
  ['recipe', `artifact_digest = 'sha256:' || repeat('0', 64)`],
  ['closure', `document = '{}'`],
  ['file_list', `document = '{}'`],
  ['receipt', `outcome = 'identical'`],
  ['receipt', 'is_proof = NOT is_proof'],
];
/** A tag of a draft may move, and a key may retire. */
const TABLES = [...new Set(FROZEN.map(([table]) => table)), 'tag', 'signing_key'];
/** RESTRICT VIOLATION of our triggers, and of foreign keys that hold the row. */
const REFUSALS = ['23001', '23503'];

/** What a person with psql, or a bug of ours, could do to what is published. */
describe('e2e/rest-append-only', () => {
  let server: TestServer;
  let ada: RestClient;

  beforeAll(async () => {
    server = await startTestServer();
    ada = await server.account('ada', { lab: 'owner' });
    const image = await pushImage(ada, 'lab/eeg', 'work');
    await ada.publish('lab/eeg', FILES, { image: image.digest });
    await server.sql(
      `INSERT INTO mirror SELECT id, $1, 'registry.example.org/lab/eeg', now(), 'ada' FROM repository WHERE name = 'lab/eeg'`,
      [image.digest],
    );
    const file = { name: 'f', digest: `sha256:${'a'.repeat(64)}`, size: 1 };
    await ada
      .post('versions/lab%2Feeg@v1/links', { article: '10.5555/a', output: 'Figure 1', inputs: [file], files: [file] })
      .expect(201);
    const resolver = await server.resolver();
    const version = await resolver.get(RecordsService, { strict: false }).requireVersion(ANONYMOUS, 'lab/eeg@v1');
    await archiveSampleProvenance(resolver, { ...version, recordDigest: version.recordDigest ?? '' });
  });

  afterAll(async () => {
    await server.stop();
  });

  async function refusal(statement: string): Promise<string | undefined> {
    try {
      await server.sql(statement);
      return undefined;
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  }

  it('has a row in every table that is tried', async () => {
    for (const table of TABLES) expect(await server.sql(`SELECT 1 FROM ${table} LIMIT 1`), table).toHaveLength(1);
  });

  it('tries every archival table', async () => {
    const operational = [
      '_prisma_migrations',
      'access_token',
      'account',
      'idempotent_request',
      'ingest',
      'job',
      'job_line',
      'namespace_member',
      'upload',
      'upstream_pointer',
    ];
    const tables = await server.sql<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    );

    expect(tables.map(({ name }) => name).filter((name) => !operational.includes(name))).toEqual(TABLES.toSorted());
  });

  it.each(FROZEN)('refuses UPDATE %s SET %s', async (table, change) => {
    expect(await refusal(`UPDATE ${table} SET ${change}`)).toBe('23001');
  });

  it.each(TABLES)('refuses DELETE FROM %s', async (table) => {
    expect(REFUSALS).toContain(await refusal(`DELETE FROM ${table}`));
  });

  it.each(TABLES)('refuses TRUNCATE %s CASCADE', async (table) => {
    expect(await refusal(`TRUNCATE ${table} CASCADE`)).toBe('23001');
  });

  it('refuses to move, rename or add a tag of a published version', async () => {
    const other = `(SELECT id FROM image_manifest WHERE artifact_type LIKE '%link%')`;
    expect(await refusal(`UPDATE tag SET manifest_id = ${other} WHERE name = 'v1'`)).toBe('23001');
    expect(await refusal(`UPDATE tag SET name = 'v1.record' WHERE name = 'work'`)).toBe('23001');
    expect(await refusal(`UPDATE tag SET name = 'free' WHERE name = 'v1.record'`)).toBe('23001');
    expect(await refusal(`UPDATE tag SET manifest_id = ${other} WHERE name = 'work'`)).toBeUndefined();
  });

  it('refuses a package file that comes to a published version afterwards', async () => {
    await ada.deposit('lab/eeg', { 'draft.txt': 'x' }).expect(201);
    const frozen = '(SELECT id FROM record_version WHERE number = 1)';
    const columns = `(version_id, path, digest, size)`;

    expect(await refusal(`UPDATE package_file SET version_id = ${frozen} WHERE path = 'draft.txt'`)).toBe('23001');
    expect(await refusal(`INSERT INTO package_file ${columns} VALUES (${frozen}, 'new.txt', 'sha256:0', 1)`)).toBe(
      '23001',
    );
  });

  it('still lets happen what may: a withdrawal with its tombstone, once', async () => {
    const withdrawal = `UPDATE record_version SET state = 'withdrawn', withdrawn_at = now(), withdrawal_reason = 'wrong data' WHERE number = 1`;

    expect(await refusal(withdrawal)).toBeUndefined();
    expect(await refusal(withdrawal)).toBe('23001');
    const { body } = await server.anonymous.get('versions/lab%2Feeg@v1').expect(200);
    expect(body).toMatchObject({ state: 'withdrawn', withdrawalReason: 'wrong data' });
  });
});
