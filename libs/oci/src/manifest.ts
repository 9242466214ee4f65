import { ArchiveError, type ErrorDetail } from '@envarium/errors';
import type { z } from 'zod';
import type { Descriptor } from './descriptor.js';
import { DESCRIPTOR_FIELDS, ImageIndex, ImageManifest, MANIFEST_FIELDS, ManifestHead } from './manifest-schema.js';
import {
  isImageIndexType,
  isManifestMediaType,
  isNonDistributableType,
  isSchema1Type,
  MANIFEST_MEDIA_TYPES,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  type ManifestMediaType,
} from './media-types.js';
import { parseStrictJson } from './strict-json.js';

/** Registries must take this much. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
export const MANIFEST_MAX_SIZE = 4 * 1024 * 1024;
const ISSUES_REPORTED = 20;

export interface ManifestReference {
  readonly kind: 'config' | 'layer' | 'child' | 'subject';
  readonly descriptor: Descriptor;
  /**
   * True where the specification lets the content be absent: subjects, and layers that may not be distributed or are
   * fetched from `urls`. Children of an index are not optional here; they may also be blobs (build caches), which their
   * media type tells.
   */
  readonly isOptional: boolean;
}

/** An image manifest or image index, read. Empty lists and maps instead of null or absent ones. */
export interface ParsedManifest {
  readonly mediaType: ManifestMediaType;
  readonly kind: 'image' | 'index';
  /** As written; null when absent. For listings of referrers see `referrerArtifactType`. */
  readonly artifactType: string | null;
  readonly subject: Descriptor | null;
  /** Null for an index. */
  readonly config: Descriptor | null;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Everything the document names, in document order: config, layers, children, subject. */
  readonly references: readonly ManifestReference[];
}

/**
 * Reads an image manifest or index, OCI or Docker schema 2.
 * @param contentType of the request or descriptor that announced it; parameters are ignored. Without it the document speaks
 *   for itself.
 * @throws ArchiveError MANIFEST_TOO_LARGE above 4 MiB; MANIFEST_INVALID with `reason`: encoding, syntax, depth, duplicate-key,
 *   shape (with `issues`), docker-schema-1, media-type-unsupported, media-type-missing, media-type-mismatch, ambiguous-field
 */
export function parseManifest(bytes: Uint8Array, contentType?: string): ParsedManifest {
  if (bytes.length > MANIFEST_MAX_SIZE) {
    throw new ArchiveError('MANIFEST_TOO_LARGE', { size: bytes.length, limit: MANIFEST_MAX_SIZE });
  }
  const json = parseStrictJson(bytes);
  if ('fault' in json) throw manifestInvalid(json.fault, json.key === undefined ? {} : { key: json.key });

  const head = parseShape(ManifestHead, json.value);
  const mediaType = agreedMediaType(head, contentType);
  assertUnambiguous(head, mediaType);
  return isImageIndexType(mediaType) ? parsedIndex(json.value, mediaType) : parsedImage(json.value, mediaType);
}

/**
 * The type under which a manifest is listed as a referrer: its own, or that of its config.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export function referrerArtifactType(manifest: ParsedManifest): string | null {
  return manifest.artifactType ?? manifest.config?.mediaType ?? null;
}

function parsedImage(value: unknown, mediaType: ManifestMediaType): ParsedManifest {
  const image = parseShape(ImageManifest, value);
  const layers = image.layers ?? [];
  const references: ManifestReference[] = [
    { kind: 'config', descriptor: image.config, isOptional: false },
    ...layers.map((descriptor) => ({ kind: 'layer' as const, descriptor, isOptional: isFetchedElsewhere(descriptor) })),
    ...subjectReference(image.subject),
  ];
  assertDescriptorsUnambiguous(references);
  return {
    mediaType,
    kind: 'image',
    artifactType: image.artifactType ?? null,
    subject: image.subject ?? null,
    config: image.config,
    layers,
    manifests: [],
    annotations: image.annotations ?? {},
    references,
  };
}

function parsedIndex(value: unknown, mediaType: ManifestMediaType): ParsedManifest {
  const index = parseShape(ImageIndex, value);
  const manifests = index.manifests ?? [];
  const references: ManifestReference[] = [
    ...manifests.map((descriptor) => ({ kind: 'child' as const, descriptor, isOptional: false })),
    ...subjectReference(index.subject),
  ];
  assertDescriptorsUnambiguous(references);
  return {
    mediaType,
    kind: 'index',
    artifactType: index.artifactType ?? null,
    subject: index.subject ?? null,
    config: null,
    layers: [],
    manifests,
    annotations: index.annotations ?? {},
    references,
  };
}

function subjectReference(subject: Descriptor | null | undefined): ManifestReference[] {
  return subject ? [{ kind: 'subject', descriptor: subject, isOptional: true }] : [];
}

function isFetchedElsewhere(layer: Descriptor): boolean {
  return (layer.urls ?? []).length > 0 || isNonDistributableType(layer.mediaType);
}

/** Header and body must say the same, or a client that trusts one reads another document than a client that trusts the other. */
function agreedMediaType(head: ManifestHead, contentType: string | undefined): ManifestMediaType {
  const header = contentType === undefined ? undefined : essence(contentType);
  if (head.schemaVersion === 1 || (header !== undefined && isSchema1Type(header))) {
    throw manifestInvalid('docker-schema-1', { supported: MANIFEST_MEDIA_TYPES });
  }
  const mediaType = head.mediaType ?? header ?? inferredMediaType(head);
  if (!isManifestMediaType(mediaType)) {
    throw manifestInvalid('media-type-unsupported', { mediaType, supported: MANIFEST_MEDIA_TYPES });
  }
  if (header !== undefined && header !== mediaType) {
    throw manifestInvalid('media-type-mismatch', { contentType: header, mediaType });
  }
  const isOci = mediaType === OCI_IMAGE_MANIFEST || mediaType === OCI_IMAGE_INDEX;
  if (head.mediaType === undefined && !isOci) throw manifestInvalid('media-type-missing', { contentType: mediaType });
  return mediaType;
}

/** Only OCI documents may leave `mediaType` out; `manifests` is what makes one an index. */
function inferredMediaType(head: ManifestHead): ManifestMediaType {
  return 'manifests' in head ? OCI_IMAGE_INDEX : OCI_IMAGE_MANIFEST;
}

function essence(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/**
 * A document that is image and index at once means one thing to one client and another to the next (CVE-2021-41190).
 * https://github.com/opencontainers/distribution-spec/security/advisories/GHSA-mc8v-mgrf-8f4m
 */
function assertUnambiguous(head: ManifestHead, mediaType: ManifestMediaType): void {
  const foreign = isImageIndexType(mediaType) ? ['config', 'layers', 'fsLayers'] : ['manifests', 'fsLayers'];
  const field = foreign.find((name) => name in head) ?? misspelled(head, MANIFEST_FIELDS);
  if (field !== undefined) throw manifestInvalid('ambiguous-field', { field, mediaType });
}

function assertDescriptorsUnambiguous(references: readonly ManifestReference[]): void {
  for (const { descriptor } of references) {
    const field = misspelled(descriptor, DESCRIPTOR_FIELDS);
    if (field !== undefined) throw manifestInvalid('ambiguous-field', { field, digest: descriptor.digest });
  }
}

/** Upper, then lower: Go also folds letters such as U+017F onto ASCII ones. */
function misspelled(object: object, fields: readonly string[]): string | undefined {
  const folded = new Set(fields.map((field) => field.toLowerCase()));
  return Object.keys(object).find((key) => !fields.includes(key) && folded.has(key.toUpperCase().toLowerCase()));
}

function parseShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, ISSUES_REPORTED);
  throw manifestInvalid('shape', { issues: issues.map(({ path, code }) => ({ path: path.join('.'), code })) });
}

function manifestInvalid(reason: string, detail: ErrorDetail = {}): ArchiveError {
  return new ArchiveError('MANIFEST_INVALID', { reason, ...detail });
}
