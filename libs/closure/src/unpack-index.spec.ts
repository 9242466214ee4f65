import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpackIndex } from './unpack-index.js';

describe('closure/unpack-index', () => {
  it('reads text as it is, and gzip', async () => {
    expect((await unpackIndex(Buffer.from('Package: a\n'))).toString()).toBe('Package: a\n');
    expect((await unpackIndex(gzipSync('Package: a\n'))).toString()).toBe('Package: a\n');
  });

  it('reads xz where its program is installed', async ({ skip }) => {
    let packed: Buffer;
    try {
      packed = execFileSync('xz', ['-c'], { input: 'Package: a\n' });
    } catch {
      return skip('xz is not installed; apt-get install xz-utils');
    }

    expect((await unpackIndex(packed)).toString()).toBe('Package: a\n');
    expect((await unpackIndex(packed.subarray(0, -4))).length).toBe(0);
  });

  it('gives nothing for what is broken', async () => {
    expect((await unpackIndex(Buffer.from('1f8b0800', 'hex'))).length).toBe(0);
    expect((await unpackIndex(Buffer.from('fd377a585a0000', 'hex'))).length).toBe(0);
  });
});
