import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES, EMPTY_DESCRIPTOR } from './descriptor.js';
import { digestOf } from './digest.js';
import { parseManifest, referrerArtifactType } from './manifest.js';

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const C = `sha512:${'c'.repeat(128)}`;
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: A, size: 10 };
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: B, size: 20 };

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function image(changes: object = {}): Uint8Array {
  return encode({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer], ...changes });
}

function reasonOf(bytes: Uint8Array, contentType?: string): unknown {
  try {
    parseManifest(bytes, contentType);
  } catch (error) {
    return error;
  }
  return 'accepted';
}

describe('oci/manifest', () => {
  it('reads an OCI image manifest', () => {
    const parsed = parseManifest(image({ annotations: { 'org.example.a': 'b' } }), OCI_MANIFEST);

    expect(parsed).toEqual({
      mediaType: OCI_MANIFEST,
      kind: 'image',
      artifactType: null,
      subject: null,
      config,
      layers: [layer],
      manifests: [],
      annotations: { 'org.example.a': 'b' },
      references: [
        { kind: 'config', descriptor: config, isOptional: false },
        { kind: 'layer', descriptor: layer, isOptional: false },
      ],
    });
  });

  it('reads an index, nested or empty, with children of any media type', () => {
    const child = {
      mediaType: OCI_INDEX,
      digest: C,
      size: 5,
      platform: { architecture: 'arm64', os: 'linux', variant: 'v8' },
    };
    const cache = { mediaType: 'application/vnd.buildkit.cacheconfig.v0', digest: B, size: 7 };

    const parsed = parseManifest(encode({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child, cache] }));

    expect(parsed.kind).toBe('index');
    expect(parsed.references).toEqual([
      { kind: 'child', descriptor: child, isOptional: false },
      { kind: 'child', descriptor: cache, isOptional: false },
    ]);
    expect(parseManifest(encode({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })).manifests).toEqual([]);
    expect(parseManifest(encode({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: null })).manifests).toEqual([]);
  });

  it('reads Docker schema 2 and manifest lists', () => {
    expect(parseManifest(image({ mediaType: DOCKER_MANIFEST }), DOCKER_MANIFEST).mediaType).toBe(DOCKER_MANIFEST);
    const list = encode({
      schemaVersion: 2,
      mediaType: DOCKER_LIST,
      manifests: [{ ...config, mediaType: DOCKER_MANIFEST }],
    });
    expect(parseManifest(list).kind).toBe('index');
  });

  it('infers the type of an OCI document that does not name it', () => {
    expect(parseManifest(image({ mediaType: undefined })).mediaType).toBe(OCI_MANIFEST);
    expect(parseManifest(image({ mediaType: undefined }), OCI_MANIFEST).mediaType).toBe(OCI_MANIFEST);
    expect(parseManifest(encode({ schemaVersion: 2, manifests: [] })).mediaType).toBe(OCI_INDEX);
  });

  it('ignores parameters and case of the Content-Type', () => {
    expect(parseManifest(image(), 'Application/vnd.OCI.image.manifest.v1+json; charset=utf-8').kind).toBe('image');
  });

  it('keeps fields that it does not know', () => {
    const parsed = parseManifest(image({ config: { ...config, 'org.example.extra': { deep: [1] } }, custom: true }));

    expect(parsed.config).toEqual({ ...config, 'org.example.extra': { deep: [1] } });
  });

  it('marks content that may be absent', () => {
    const foreign = { ...layer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' };
    const withUrls = { ...layer, urls: ['https://mirror.example.org/layer'] };
    const nonDistributable = { ...layer, mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd' };
    const subject = { mediaType: OCI_MANIFEST, digest: C, size: 3 };

    const { references } = parseManifest(image({ layers: [foreign, withUrls, nonDistributable, layer], subject }));

    expect(references.map(({ kind, isOptional }) => [kind, isOptional])).toEqual([
      ['config', false],
      ['layer', true],
      ['layer', true],
      ['layer', true],
      ['layer', false],
      ['subject', true],
    ]);
  });

  it('lists a referrer under its artifact type, else under the type of its config', () => {
    const artifact = parseManifest(
      image({ artifactType: 'application/vnd.example', config: EMPTY_DESCRIPTOR, layers: [] }),
    );
    const index = parseManifest(encode({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }));

    expect([artifact.artifactType, referrerArtifactType(artifact)]).toEqual([
      'application/vnd.example',
      'application/vnd.example',
    ]);
    expect([parseManifest(image()).artifactType, referrerArtifactType(parseManifest(image()))]).toEqual([
      null,
      config.mediaType,
    ]);
    expect(referrerArtifactType(index)).toBeNull();
  });

  it.each<[string, Uint8Array, string | undefined]>([
    ['media-type-mismatch', image(), OCI_INDEX],
    ['media-type-mismatch', image(), DOCKER_MANIFEST],
    ['media-type-mismatch', image(), 'application/json'],
    ['media-type-unsupported', image({ mediaType: undefined }), 'application/json'],
    ['media-type-unsupported', image({ mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }), undefined],
    ['media-type-missing', image({ mediaType: undefined }), DOCKER_MANIFEST],
    ['docker-schema-1', encode({ schemaVersion: 1, name: 'a', tag: 'b', fsLayers: [] }), undefined],
    ['docker-schema-1', image(), 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
    ['ambiguous-field', image({ manifests: [] }), undefined],
    ['ambiguous-field', image({ fsLayers: [] }), undefined],
    ['ambiguous-field', image({ Layers: [] }), undefined],
    ['ambiguous-field', image({ ['layer\u017f']: [] }), undefined],
    ['ambiguous-field', image({ config: { ...config, Digest: B } }), undefined],
    ['ambiguous-field', image({ subject: { ...config, SIZE: 1 } }), undefined],
    ['ambiguous-field', encode({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], layers: [] }), undefined],
    ['duplicate-key', new TextEncoder().encode('{"schemaVersion":2,"schemaVersion":2}'), undefined],
    ['syntax', new TextEncoder().encode('{'), undefined],
    ['encoding', Uint8Array.of(0xc3, 0x28), undefined],
    ['depth', new TextEncoder().encode(`{"a":${'['.repeat(99)}${']'.repeat(99)}}`), undefined],
    ['shape', encode([]), undefined],
    ['shape', encode(null), undefined],
    ['shape', encode({ mediaType: OCI_MANIFEST }), undefined],
    ['shape', image({ schemaVersion: 3 }), undefined],
    ['shape', image({ config: undefined }), undefined],
    ['shape', image({ layers: undefined }), undefined],
    ['shape', image({ layers: [{ ...layer, size: -1 }] }), undefined],
    ['shape', image({ layers: [{ ...layer, size: 2 ** 53 }] }), undefined],
    ['shape', image({ layers: [{ ...layer, size: 1.5 }] }), undefined],
    ['shape', image({ layers: [{ ...layer, digest: `blake3:${'a'.repeat(64)}` }] }), undefined],
    ['shape', image({ layers: [{ ...layer, mediaType: 'text/plain\r\nX-Evil: 1' }] }), undefined],
    ['shape', image({ annotations: { a: 1 } }), undefined],
  ])('refuses with %s (case %#)', (reason, bytes, contentType) => {
    expect(reasonOf(bytes, contentType)).toMatchObject({ code: 'MANIFEST_INVALID', detail: { reason } });
  });

  it('says where the shape is wrong', () => {
    expect(reasonOf(image({ layers: [layer, { ...layer, digest: 'sha256:x' }] }))).toMatchObject({
      detail: { reason: 'shape', issues: [{ path: 'layers.1.digest', code: 'invalid_format' }] },
    });
  });

  it('takes a manifest of 4 MiB and no byte more', () => {
    const empty = image({ annotations: { a: '' } }).length;
    const fits = image({ annotations: { a: 'x'.repeat(4 * 1024 * 1024 - empty) } });

    expect(parseManifest(fits).kind).toBe('image');
    expect(reasonOf(image({ annotations: { a: 'x'.repeat(4 * 1024 * 1024 - empty + 1) } }))).toMatchObject({
      code: 'MANIFEST_TOO_LARGE',
      detail: { size: 4194305, limit: 4194304 },
    });
  });

  it('knows the empty descriptor of the specification', () => {
    expect(EMPTY_DESCRIPTOR).toEqual({
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      size: 2,
    });
    expect(digestOf(EMPTY_BYTES)).toBe(EMPTY_DESCRIPTOR.digest);
  });
});
