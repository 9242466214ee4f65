import { describe, expect, it } from 'vitest';
import { SealingService } from './sealing.service.js';

const SECRET = 'a secret of the installation, long enough';
const broken = expect.objectContaining({ code: 'SEAL_BROKEN' });

describe('access/sealing.service', () => {
  const sealing = new SealingService(SECRET);

  it('opens what it sealed, also in another process', () => {
    const sealed = sealing.seal('pässword ✓', 'ingest:1');

    expect(new SealingService(SECRET).open(sealed, 'ingest:1')).toBe('pässword ✓');
    expect(sealed.includes(Buffer.from('ssword'))).toBe(false);
  });

  it('never seals twice alike', () => {
    expect(sealing.seal('x', 'y').equals(sealing.seal('x', 'y'))).toBe(false);
  });

  it('opens nothing with another secret, for another thing, or with a bit flipped', () => {
    const sealed = sealing.seal('x', 'ingest:1');
    const flipped = Buffer.from(sealed);
    flipped[sealed.length - 1]! ^= 1;

    expect(() => new SealingService(`${SECRET}!`).open(sealed, 'ingest:1')).toThrow(broken);
    expect(() => sealing.open(sealed, 'ingest:2')).toThrow(broken);
    expect(() => sealing.open(flipped, 'ingest:1')).toThrow(broken);
    expect(() => sealing.open(sealed.subarray(0, 20), 'ingest:1')).toThrow(broken);
    expect(() => sealing.open(Buffer.alloc(0), 'ingest:1')).toThrow(broken);
  });
});
