import { describe, expect, it } from 'vitest';
import { ByteCache } from './byte-cache.js';

const bytes = (size: number, fill = 1): Buffer => Buffer.alloc(size, fill);

describe('registry/byte-cache', () => {
  it('gives back what it was given', () => {
    const cache = new ByteCache(800);
    cache.set('a', bytes(100));

    expect(cache.get('a')).toEqual(bytes(100));
    expect(cache.get('b')).toBeUndefined();
  });

  it('lets the least recently used go first', () => {
    const cache = new ByteCache(800);
    for (let i = 0; i < 8; i++) cache.set(`key ${i}`, bytes(100));
    cache.get('key 0');

    cache.set('new', bytes(100));

    expect(cache.get('key 0')).toBeDefined();
    expect(cache.get('key 1')).toBeUndefined();
    expect(cache.get('new')).toBeDefined();
  });

  it('never takes one thing that fills an eighth of it', () => {
    const cache = new ByteCache(800);

    cache.set('large', bytes(101));
    cache.set('just', bytes(100));

    expect(cache.get('large')).toBeUndefined();
    expect(cache.get('just')).toBeDefined();
  });

  it('counts a key that is set again once', () => {
    const cache = new ByteCache(800);
    cache.set('kept', bytes(100));
    for (let i = 0; i < 20; i++) cache.set('again', bytes(100));

    expect(cache.get('kept')).toBeDefined();
  });
});
