import { type Descriptor, type Digest, digestOf, OCI_IMAGE_MANIFEST, parseDigest } from '@envarium/oci';
import {
  type ArchivedVersion,
  ContentStoreService,
  ProvenanceArchiveService,
  ReceiptsArchiveService,
} from '@envarium/provenance';
import { ManifestsService } from '@envarium/registry';
import type {
  ArchivedClosure,
  ArchivedRecipe,
  BuilderDescription,
  IsolationEvidence,
  RebuildPredicate,
  Receipt,
  RecipeDocument,
  RerunPredicate,
} from '@envarium/schema';

const AT = '2026-11-24T09:00:00.000Z';
const DOCKERFILE = 'FROM registry.example.org/debian@sha256:0\nRUN apt-get install -y python3\n';
const CONTEXT = 'context as a tar';
const PACKAGES = ['numpy', 'scipy', 'pandas'];

const builder: BuilderDescription = {
  executor: 'buildah',
  name: 'buildah',
  version: '1.28.2',
  runtime: 'runc 1.1.5',
  image: null,
  flags: ['--timestamp'],
};
const isolation: IsolationEvidence = {
  executor: 'buildah',
  network: 'replay',
  canary: 'refused',
  clock: { pinnedTo: AT, hostOffsetSeconds: 0 },
  limits: { memoryBytes: 1_000_000_000, wallSeconds: 600 },
};

/** The services that a sample is archived with: those of any Nest context. */
export interface ProvenanceServices {
  get<T>(token: new (...parameters: never[]) => T, options: { strict: false }): T;
}

export interface SampleVersion extends ArchivedVersion {
  readonly recordDigest: string;
}

export interface SampleProvenance {
  readonly recipe: ArchivedRecipe;
  readonly closure: ArchivedClosure;
  readonly rebuild: Receipt;
  readonly rebuildPredicate: RebuildPredicate;
}

/** Archives a recipe, a closure of three packages, a list of files and a receipt, as a rehearsal would. */
export async function archiveSampleProvenance(
  services: ProvenanceServices,
  version: SampleVersion,
): Promise<SampleProvenance> {
  const archive = services.get(ProvenanceArchiveService, { strict: false });
  const recipe = await archiveSampleRecipe(services, version);
  const closure = await archiveSampleClosure(services, version, recipe.artifactDigest);
  const image = await subjectOf(services, version);
  const list = await stored(services, 'files of the image');
  await archive.archiveFileList({
    version,
    image,
    actor: 'ada',
    document: {
      schemaVersion: 1,
      imageDigest: image.digest,
      configDigest: image.digest,
      diffIds: [],
      runConfigDigest: image.digest,
      treeDigest: image.digest,
      treeWithoutTimesDigest: image.digest,
      treeWithoutNoiseDigest: image.digest,
      noisePolicy: 'noise/1',
      packagesDigest: null,
      entryCount: 0,
      size: 0,
      list,
    },
  });
  const rebuildPredicate = sampleRebuild(version, recipe.artifactDigest, closure.artifactDigest);
  const rebuild = await services.get(ReceiptsArchiveService, { strict: false }).archiveReceipt({
    kind: 'rebuild',
    version,
    predicate: rebuildPredicate,
    subject: image,
    log: await stored(services, '{"seq":0}\n'),
    isProof: true,
    summary: 'The same files, but for logs and caches.',
    actor: 'ada',
  });
  return { recipe, closure, rebuild, rebuildPredicate };
}

export async function archiveSampleRecipe(
  services: ProvenanceServices,
  version: SampleVersion,
): Promise<ArchivedRecipe> {
  const context = await stored(services, CONTEXT);
  return await services.get(ProvenanceArchiveService, { strict: false }).archiveRecipe({
    version,
    dockerfile: Buffer.from(DOCKERFILE),
    context,
    document: sampleRecipe(version, context.digest),
  });
}

export async function archiveSampleClosure(
  services: ProvenanceServices,
  version: SampleVersion,
  recipeDigest: string,
): Promise<ArchivedClosure> {
  const bodies = [];
  for (const name of PACKAGES) bodies.push({ name, ...(await stored(services, `the bytes of ${name}`)) });
  const packages = bodies.map(({ name, digest, size }) => {
    const url = `https://files.example.org/${name}.whl`;
    return JSON.stringify({ purl: `pkg:pypi/${name}@1.0`, url, digest, size, integrity: 'locked' });
  });
  const image = await subjectOf(services, version);
  return await services.get(ProvenanceArchiveService, { strict: false }).archiveClosure({
    version,
    bodies: [...bodies, ...bodies].map(({ digest, size }) => ({ digest, size })),
    document: {
      schemaVersion: 1,
      record: { id: version.record.publicId, repository: version.record.repository.name },
      version: version.number,
      recordDigest: version.recordDigest,
      recipeDigest,
      exchanges: { ...(await stored(services, '{"method":"GET"}\n')), count: 3 },
      packages: { ...(await stored(services, `${packages.join('\n')}\n`)), count: 3 },
      contentSize: 60,
      image: { digest: image.digest, size: image.size, mediaType: image.mediaType },
      builder,
      epoch: 1_795_510_800,
      recordedAt: AT,
      recordedBy: 'ada',
    },
  });
}

export function sampleRebuild(version: SampleVersion, recipeDigest: string, closureDigest: string): RebuildPredicate {
  const image = { digest: subjectDigestOf(version) };
  const rebuilt = digestOf(Buffer.from('the image that came out'));
  return {
    about: aboutOf(version),
    recipeDigest,
    closureDigest,
    rebuilt: { digest: rebuilt, mediaType: OCI_IMAGE_MANIFEST, size: 500 },
    grade: 'same-files-but-noise',
    comparison: {
      grade: 'same-files-but-noise',
      level: 3,
      before: image.digest,
      after: rebuilt,
      noisePolicy: 'noise/1',
      summary: 'The same files, but for logs and caches.',
      differences: [{ name: 'noise:logs', count: 2, paths: ['var/log/dpkg.log'], isMaterial: false }],
      configDifferences: [],
      packages: [],
    },
    rehearsal: { attempt: 1, of: 2, previous: null },
    builder,
    isolation,
    replay: { hits: 3, misses: [] },
    startedAt: AT,
    finishedAt: '2026-11-24T09:01:30.000Z',
    logDigest: digestOf(Buffer.from('{"seq":0}\n')),
  };
}

export function sampleRerun(version: SampleVersion, runId: string): RerunPredicate {
  const digest = digestOf(Buffer.from('a figure'));
  return {
    about: aboutOf(version),
    runId,
    imageDigest: subjectDigestOf(version),
    route: 'pull',
    command: 'python fig3.py',
    verdict: 'within-tolerance',
    exitCode: 0,
    outputs: [
      {
        name: 'fig3.svg',
        verdict: 'identical',
        how: 'digest',
        expected: digest,
        actual: digest,
        detail: 'Every byte.',
      },
      {
        name: 'table.csv',
        verdict: 'within-tolerance',
        how: 'numbers',
        expected: null,
        actual: null,
        detail: '1e-12 in row 3.',
      },
    ],
    tolerance: { relative: 1e-9, absolute: 0, pixels: 0 },
    pins: { OMP_NUM_THREADS: '1' },
    isolation: { ...isolation, network: 'off' },
    startedAt: AT,
    finishedAt: '2026-11-24T09:00:05.000Z',
    logDigest: null,
  };
}

/** The archived image; the record artifact where a version has none. */
export async function subjectOf(services: ProvenanceServices, version: SampleVersion): Promise<Descriptor> {
  const manifests = services.get(ManifestsService, { strict: false });
  return { ...(await manifests.find(version.record.repository, subjectDigestOf(version))) };
}

function subjectDigestOf(version: SampleVersion): Digest {
  return parseDigest(version.imageDigest ?? version.recordDigest);
}

function sampleRecipe(version: SampleVersion, context: Digest): RecipeDocument {
  return {
    schemaVersion: 1,
    record: { id: version.record.publicId, repository: version.record.repository.name },
    version: version.number,
    recordDigest: version.recordDigest,
    origin: 'generated',
    generator: { name: 'envarium', version: '1', compat: null },
    dockerfile: digestOf(Buffer.from(DOCKERFILE)),
    context,
    bases: [],
    platform: 'linux/amd64',
    warnings: [
      { code: 'unpinned-package', message: 'scipy has no version', file: 'requirements.txt', line: 2 },
      { code: 'mutable-base', message: 'the base was named by a tag', file: null, line: null },
    ],
    createdAt: AT,
    createdBy: 'ada',
  };
}

function aboutOf({ record, number, recordDigest }: SampleVersion) {
  return { recordId: record.publicId, version: number, recordDigest };
}

async function stored(services: ProvenanceServices, text: string) {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  return await services.get(ContentStoreService, { strict: false }).storeContent(source());
}
