import { describe, expect, it } from 'vitest';
import { parseImageConfig } from './image-config.js';

const DIFF_ID = `sha256:${'d'.repeat(64)}`;
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const minimal = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [DIFF_ID] } };

describe('oci/image-config', () => {
  it('reads what a container is started with, and keeps the rest', () => {
    const config = parseImageConfig(
      encode({
        ...minimal,
        variant: 'v3',
        config: { Env: ['A=1'], Cmd: ['sh'], OnBuild: null },
        docker_version: '20.10',
      }),
    );

    expect(config.config?.Env).toEqual(['A=1']);
    expect(config.rootfs.diff_ids).toEqual([DIFF_ID]);
    expect(config.variant).toBe('v3');
    expect(config['docker_version']).toBe('20.10');
  });

  it('takes the nulls that Docker writes', () => {
    const config = parseImageConfig(
      encode({
        ...minimal,
        config: { Env: null, Entrypoint: null, Labels: null },
        history: null,
        rootfs: { type: 'layers', diff_ids: null },
      }),
    );

    expect(config.rootfs.diff_ids).toBeNull();
  });

  it.each([
    ['config-shape', encode({})],
    ['config-shape', encode({ ...minimal, rootfs: { type: 'layers', diff_ids: ['sha256:x'] } })],
    ['config-syntax', new TextEncoder().encode('not json')],
    ['config-duplicate-key', new TextEncoder().encode('{"os":"a","os":"b"}')],
    ['config-too-large', new Uint8Array(4 * 1024 * 1024 + 1)],
  ])('refuses with %s (case %#)', (reason, bytes) => {
    expect(() => parseImageConfig(bytes)).toThrow(
      expect.objectContaining({ code: 'MANIFEST_INVALID', detail: expect.objectContaining({ reason }) }),
    );
  });
});
