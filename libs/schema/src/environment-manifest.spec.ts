import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import { EnvironmentManifest, environmentManifestSchema } from './environment-manifest.js';

const Shape = z.object({
  required: z.array(z.string()),
  properties: z.record(z.string(), z.unknown()),
  additionalProperties: z.unknown().optional(),
});
const Published = z.object({ $id: z.string(), $ref: z.string(), $defs: z.record(z.string(), z.unknown()) });

describe('schema/environment-manifest', () => {
  it('is published with what is required, and allows what later releases add', () => {
    const { $id, $ref, $defs } = Published.parse(environmentManifestSchema());
    const schema = Shape.parse($defs['EnvironmentManifest']);

    expect([$id, $ref]).toEqual(['urn:envarium:environment-manifest:v1', '#/$defs/EnvironmentManifest']);
    expect(schema.required).toEqual(['schemaVersion', 'scopes', 'baseImages', 'notUnderstood']);
    expect(Object.keys(schema.properties)).toContain('lookedFor');
    expect(schema.additionalProperties).toBeUndefined();
  });

  it('reads what was archived before scopes had a place, and gives it the same bytes', () => {
    const archived =
      '{"baseImages":[],"notUnderstood":[],"schemaVersion":1,"scopes":[{"kind":"language","packages":[],"runtimes":[],"variables":[]}]}';

    const manifest = EnvironmentManifest.parse(JSON.parse(archived));

    expect(canonicalJson(manifest).toString()).toBe(archived);
  });
});
