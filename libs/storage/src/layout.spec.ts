import { parseDigest } from '@envarium/oci';
import { describe, expect, it } from 'vitest';
import { blobKey, digestOfKey, journalIdOfKey, journalKey, stagingKey } from './layout.js';
import { expectFailure } from './store.suite.js';

const HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('storage/layout', () => {
  it.each([
    [`sha256:${HEX}`, `blobs/sha256/e3/${HEX}`],
    [`sha512:${HEX}${HEX}`, `blobs/sha512/e3/${HEX}${HEX}`],
  ])('puts %s where its digest says, and knows it again', (digest, key) => {
    expect(blobKey(parseDigest(digest))).toBe(key);
    expect(digestOfKey(key)).toBe(digest);
  });

  it.each([
    `blobs/sha256/e4/${HEX}`,
    `blobs/sha512/e3/${HEX}`,
    `blobs/md5/e3/${HEX.slice(0, 32)}`,
    `blobs/sha256/e3/${HEX.toUpperCase()}`,
    `blobs/sha256/e3/${HEX}.tmp`,
    `staging/${HEX}`,
  ])('takes %s for no blob', (key) => {
    expect(digestOfKey(key)).toBeNull();
  });

  it('files a journal entry by the time in its id', () => {
    const key = 'journal/2024/06/01HZ8W0G00000000000000000A.json';

    expect(journalKey('01HZ8W0G00000000000000000A')).toBe(key);
    expect(journalIdOfKey(key)).toBe('01HZ8W0G00000000000000000A');
    expect(journalIdOfKey('journal/2024/06/notes.txt')).toBeNull();
  });

  it.each(['..', 'a/b', 'a.json', '', 'x'.repeat(129)])('takes "%s" for no upload id', async (id) => {
    await expectFailure(
      Promise.resolve().then(() => stagingKey(id)),
      'BLOB_UPLOAD_UNKNOWN',
    );
  });
});
