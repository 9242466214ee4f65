import { describe, expect, it } from 'vitest';
import { LiveHashes } from './live-hashes.js';

describe('storage/live-hashes', () => {
  it('goes on from where it stood, and from nowhere else', () => {
    const live = new LiveHashes();
    const hash = live.take('id', 0);
    hash?.update('abc');
    if (hash) live.keep('id', 3, hash);

    expect(live.sha256('id', 3)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(live.sha256('id', 4)).toBeNull();
    expect(live.take('id', 4)).toBeNull();
    expect(live.take('id', 3)).toBeNull();
  });

  it('forgets the upload longest untouched above a thousand', () => {
    const live = new LiveHashes();

    for (let index = 0; index <= 1000; index += 1) {
      const hash = live.take(`id-${index}`, 0);
      if (hash) live.keep(`id-${index}`, 0, hash);
    }

    expect([live.sha256('id-0', 0), live.sha256('id-1', 0)]).toEqual([
      null,
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ]);
  });
});
