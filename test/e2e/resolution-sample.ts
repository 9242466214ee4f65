import {
  CLOSURE_ARTIFACT_TYPE,
  CLOSURE_CONTENT_TYPE,
  CLOSURE_PACKAGES_TYPE,
  digestOf,
  EXCHANGES_TYPE,
  OCI_IMAGE_MANIFEST,
  PACKAGE_FILE_TYPE,
  RECIPE_ARTIFACT_TYPE,
} from '@envarium/oci';
import type { ClosureDocument, RecipeDocument } from '@envarium/schema';
import type { RestClient } from './rest-client.js';
import { type PushedImage, pushImage, type TestServer } from './server-harness.js';

export const WHEEL_URL = 'https://pypi.example.org/packages/numpy-1.26.4.whl';
export const MIRROR = 'registry.example.org/lab/eeg';

export interface RecordedRebuild {
  readonly closureDigest: string;
  readonly base: PushedImage;
  readonly dockerfile: string;
  /** Body of the one exchange that has one. */
  readonly wheel: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What a rehearsal leaves behind: artifacts in the registry, and their rows. */
export async function recordRebuild(
  server: TestServer,
  author: RestClient,
  { versionId, image }: { versionId: string; image: PushedImage },
): Promise<RecordedRebuild> {
  const push = async (mediaType: string, text: string): Promise<Descriptor> => {
    const bytes = Buffer.from(text);
    return { mediaType, digest: await author.pushBlob('lab/eeg', bytes), size: bytes.length };
  };
  const artifact = async (type: string, document: object, layers: readonly Descriptor[]): Promise<string> => {
    const config = await push(type, JSON.stringify(document));
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      artifactType: type,
      config,
      layers,
    });
    const digest = digestOf(Buffer.from(text));
    await author.pushManifest('lab/eeg', digest, OCI_IMAGE_MANIFEST, text).expect(201);
    return digest;
  };
  const base = await pushImage(author, 'lab/base', 'bookworm', 'base\n');
  const dockerfile = await push(PACKAGE_FILE_TYPE, `FROM lab/base@${base.digest}\nRUN pip install numpy\n`);
  const context = await push(PACKAGE_FILE_TYPE, 'context');
  const record = { id: 'env-0000-0000', repository: 'lab/eeg' };
  const recipe: RecipeDocument = {
    schemaVersion: 1,
    record,
    version: 1,
    recordDigest: image.digest,
    origin: 'deposited',
    generator: null,
    dockerfile: dockerfile.digest,
    context: context.digest,
    bases: [
      { reference: 'lab/base', digest: base.digest, size: 1, mediaType: OCI_IMAGE_MANIFEST, repository: 'lab/base' },
    ],
    platform: 'linux/amd64',
    warnings: [{ code: 'unpinned-package', message: 'scipy has no version', file: null, line: null }],
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'ada',
  };
  const recipeDigest = await artifact(RECIPE_ARTIFACT_TYPE, recipe, [dockerfile, context]);
  const wheel = await push(CLOSURE_CONTENT_TYPE, 'the bytes of a wheel');
  const exchange = { method: 'GET', request: {}, requestDigest: null, headers: {} };
  const exchanges = await push(
    EXCHANGES_TYPE,
    [
      { ...exchange, url: 'https://pypi.example.org/old', status: 301, digest: null, size: 0 },
      { ...exchange, url: WHEEL_URL, status: 200, digest: wheel.digest, size: wheel.size },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  const packages = await push(CLOSURE_PACKAGES_TYPE, '');
  const closure: ClosureDocument = {
    schemaVersion: 1,
    record,
    version: 1,
    recordDigest: image.digest,
    recipeDigest,
    exchanges: { digest: exchanges.digest, size: exchanges.size, count: 2 },
    packages: { digest: packages.digest, size: packages.size, count: 0 },
    contentSize: wheel.size,
    image: { digest: image.digest, size: 1, mediaType: OCI_IMAGE_MANIFEST },
    builder: { executor: 'buildah', name: 'buildah', version: '1.28.2', runtime: null, image: null, flags: [] },
    epoch: 1_767_225_600,
    recordedAt: '2026-01-02T00:00:00.000Z',
    recordedBy: 'ada',
  };
  const closureDigest = await artifact(CLOSURE_ARTIFACT_TYPE, closure, [exchanges, packages, wheel]);
  await server.sql(
    `WITH r AS (INSERT INTO recipe (version_id, artifact_digest, document, created_at, created_by)
       VALUES ($1, $2, $3, '2026-01-01', 'ada') RETURNING id)
     INSERT INTO closure (version_id, recipe_id, artifact_digest, image_digest, document, recorded_at, recorded_by)
     SELECT $1, r.id, $4, $5, $6, '2026-01-02', 'ada' FROM r`,
    [versionId, recipeDigest, JSON.stringify(recipe), closureDigest, image.digest, JSON.stringify(closure)],
  );
  return { closureDigest, base, dockerfile: dockerfile.digest, wheel: wheel.digest };
}

/** A receipt of a rebuild from that closure. @param id also decides its digests: give each another */
export async function recordReceipt(
  server: TestServer,
  receipt: { versionId: string; id: string; closureDigest: string; outcome: string; isProof: boolean; at: string },
): Promise<void> {
  const { versionId, id, closureDigest, outcome, isProof, at } = receipt;
  await server.sql(
    `INSERT INTO receipt (public_id, kind, version_id, outcome, summary, subject_digest, artifact_digest, envelope_digest,
       key_id, is_proof, statement, created_at, created_by)
     VALUES ($1, 'rebuild', $2, $3, 'as it came out', $4, $4, $4, 'key', $5, $6, $7, 'ada')`,
    [id, versionId, outcome, digestOf(Buffer.from(id)), isProof, JSON.stringify({ predicate: { closureDigest } }), at],
  );
}

/** What the decay watch found out. */
export async function recordPointer(
  server: TestServer,
  pointer: {
    versionId: string;
    kind: 'image' | 'package';
    reference: string;
    digest: string;
    state: string;
    detail?: string;
  },
): Promise<void> {
  const { versionId, kind, reference, digest, state, detail } = pointer;
  await server.sql(
    `INSERT INTO upstream_pointer (version_id, kind, reference, digest, state, detail, last_checked_at)
     VALUES ($1, $2::pointer_kind, $3, $4, $5::pointer_state, $6, '2026-03-01')
     ON CONFLICT (version_id, kind, reference) DO UPDATE SET state = $5::pointer_state, detail = $6`,
    [versionId, kind, reference, digest, state, detail ?? null],
  );
}
