import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { DigestString } from './digest.js';
import { MANIFEST_MAX_SIZE } from './manifest.js';
import { parseStrictJson } from './strict-json.js';

const Strings = z.array(z.string()).nullish();

/** What a container is started with. https://github.com/opencontainers/image-spec/blob/main/config.md#properties */
export const ContainerConfig = z.looseObject({
  User: z.string().nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  Env: Strings,
  Entrypoint: Strings,
  Cmd: Strings,
  Volumes: z.record(z.string(), z.unknown()).nullish(),
  WorkingDir: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  StopSignal: z.string().nullish(),
});
export type ContainerConfig = z.infer<typeof ContainerConfig>;

export const HistoryEntry = z.looseObject({
  created: z.string().nullish(),
  created_by: z.string().nullish(),
  author: z.string().nullish(),
  comment: z.string().nullish(),
  empty_layer: z.boolean().nullish(),
});

/** Config blob of an image, OCI and Docker alike; Docker writes `null` where OCI leaves out. */
export const ImageConfig = z.looseObject({
  created: z.string().nullish(),
  author: z.string().nullish(),
  architecture: z.string(),
  os: z.string(),
  variant: z.string().nullish(),
  'os.version': z.string().nullish(),
  'os.features': Strings,
  config: ContainerConfig.nullish(),
  rootfs: z.looseObject({ type: z.literal('layers'), diff_ids: z.array(DigestString).nullable() }),
  history: z.array(HistoryEntry).nullish(),
});
export type ImageConfig = z.infer<typeof ImageConfig>;

/** @throws ArchiveError MANIFEST_INVALID with `reason` starting with "config-" */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  if (bytes.length > MANIFEST_MAX_SIZE) {
    throw new ArchiveError('MANIFEST_INVALID', { reason: 'config-too-large', size: bytes.length });
  }
  const json = parseStrictJson(bytes);
  if ('fault' in json) throw new ArchiveError('MANIFEST_INVALID', { reason: `config-${json.fault}` });
  const result = ImageConfig.safeParse(json.value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, code }) => ({ path: path.join('.'), code }));
  throw new ArchiveError('MANIFEST_INVALID', { reason: 'config-shape', issues: issues.slice(0, 20) });
}
