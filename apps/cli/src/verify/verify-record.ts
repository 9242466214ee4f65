import {
  ANNOTATION_TITLE,
  type Descriptor,
  type Digest,
  parseManifest,
  RECORD_ARTIFACT_TYPE,
  verifyContent,
} from '@envarium/oci';
import { RecordDocument, type RecordVersion } from '@envarium/schema';
import type { RegistryClient } from '../client/registry-client.js';
import type { Output } from '../output.js';
import { counted, type Progress, SILENT } from '../progress.js';
import { type ImageClosure, readClosure } from '../pull/image-closure.js';
import { drain, type Findings } from './findings.js';

/**
 * Proves a published version from its bytes alone: the record artifact by its digest, the record document and every file
 * that it names, the image with all its blobs. What the server's database says is only compared with them.
 */
export async function verifyRecord(
  registry: RegistryClient,
  version: RecordVersion,
  recordDigest: Digest,
  findings: Findings,
  output: Output,
): Promise<void> {
  const { repository } = version;
  const artifact = await registry.manifest(repository, { digest: recordDigest });
  await findings.check('record artifact', recordDigest, async () => artifact.bytes.length);
  const { artifactType, config, layers, subject } = parseManifest(artifact.bytes, artifact.mediaType);
  if (artifactType !== RECORD_ARTIFACT_TYPE || config === null) {
    findings.fault('record artifact', recordDigest, `is a ${artifactType ?? 'manifest without a type'}, not a record`);
    return;
  }

  const document = await readDocument(registry, repository, config, findings);
  if (document !== null) compare(document, version, layers, subject, findings);
  for (const layer of layers) await verifyBlob(registry, repository, layer, nameOf(layer), findings, SILENT);
  if (subject !== null) await verifyImage(registry, repository, subject.digest, findings, output);
}

async function readDocument(
  registry: RegistryClient,
  repository: string,
  config: Descriptor,
  findings: Findings,
): Promise<RecordDocument | null> {
  let document: RecordDocument | null = null;
  await findings.check('record document', config.digest, async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of verifyContent(registry.blob(repository, config.digest), config)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const parsed = RecordDocument.safeParse(JSON.parse(bytes.toString('utf8')));
    if (parsed.success) document = parsed.data;
    else findings.fault('record document', config.digest, parsed.error.issues[0]?.message ?? 'is of another shape');
    return bytes.length;
  });
  return document;
}

/** The document is what counts; a server that shows something else, or an artifact without a named file, is a fault. */
function compare(
  document: RecordDocument,
  version: RecordVersion,
  layers: readonly Descriptor[],
  subject: Descriptor | null,
  findings: Findings,
): void {
  const shown: readonly (readonly [string, unknown, unknown])[] = [
    ['repository', document.record.repository, version.repository],
    ['record identifier', document.record.id, version.recordId],
    ['version number', document.version, version.number],
    ['title', document.title, version.title],
    ['image digest', document.image?.digest ?? null, version.imageDigest],
    ['environment digest', document.environment?.digest ?? null, version.environment?.digest ?? null],
    ['hardware digest', document.hardware?.digest ?? null, version.hardware?.digest ?? null],
  ];
  for (const [name, archived, told] of shown) {
    if (archived !== told)
      findings.fault(name, null, `archived is ${String(archived)}, the server shows ${String(told)}`);
  }
  if ((document.image?.digest ?? null) !== (subject?.digest ?? null)) {
    findings.fault('image', document.image?.digest ?? null, 'is not the subject of the record artifact');
  }
  const held = new Set<string>(layers.map(({ digest }) => digest));
  for (const { path, digest } of document.packageFiles) {
    if (!held.has(digest)) findings.fault(`package file ${path}`, digest, 'is not in the record artifact');
  }
}

async function verifyImage(
  registry: RegistryClient,
  repository: string,
  digest: Digest,
  findings: Findings,
  output: Output,
): Promise<void> {
  let closure: ImageClosure | null = null;
  await findings.check('image', digest, async () => {
    closure = await readClosure(registry, repository, digest);
    return closure.manifests[0].bytes.length;
  });
  if (closure !== null) await verifyClosure(registry, repository, closure, findings, output);
}

async function verifyClosure(
  registry: RegistryClient,
  repository: string,
  { manifests: [, ...manifests], blobs, missing }: ImageClosure,
  findings: Findings,
  output: Output,
): Promise<void> {
  for (const { descriptor, bytes } of manifests) {
    await findings.check('image manifest', descriptor.digest, async () => bytes.length);
  }
  for (const { digest } of missing) findings.fault('image manifest', digest, 'not held by the registry');
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const progress = await output.progress('verify', total);
  try {
    for (const blob of blobs) await verifyBlob(registry, repository, blob, 'image blob', findings, progress);
  } finally {
    progress.stop();
  }
}

async function verifyBlob(
  registry: RegistryClient,
  repository: string,
  blob: Descriptor,
  what: string,
  findings: Findings,
  progress: Progress,
): Promise<void> {
  const content = () => verifyContent(registry.blob(repository, blob.digest), blob);
  await findings.check(what, blob.digest, () => drain(counted(content(), progress)));
}

function nameOf({ annotations, mediaType }: Descriptor): string {
  return annotations?.[ANNOTATION_TITLE] ?? mediaType;
}
