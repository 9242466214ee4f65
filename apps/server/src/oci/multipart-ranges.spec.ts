import { describe, expect, it } from 'vitest';
import { layOutRanges } from './multipart-ranges.js';

describe('oci/multipart-ranges', () => {
  it('writes what RFC 9110 shows, and knows its length before', () => {
    const content = Buffer.from('0123456789');

    const laidOut = layOutRanges(
      [
        { start: 8, end: 9 },
        { start: 0, end: 2 },
      ],
      10,
      'application/octet-stream',
      'BOUNDARY',
    );

    const pieces = laidOut.parts.flatMap(({ head, range }) => [head, content.subarray(range.start, range.end + 1)]);
    const body = Buffer.concat([...pieces, laidOut.tail]);
    expect(laidOut.contentType).toBe('multipart/byteranges; boundary=BOUNDARY');
    expect(body.toString()).toBe(
      [
        '--BOUNDARY',
        'Content-Type: application/octet-stream',
        'Content-Range: bytes 8-9/10',
        '',
        '89',
        '--BOUNDARY',
        'Content-Type: application/octet-stream',
        'Content-Range: bytes 0-2/10',
        '',
        '012',
        '--BOUNDARY--',
        '',
      ].join('\r\n'),
    );
    expect(laidOut.contentLength).toBe(body.length);
  });

  it('takes a new boundary for every answer, which content cannot know', () => {
    const range = [{ start: 0, end: 0 }];

    expect(layOutRanges(range, 1, 'a/b').contentType).not.toBe(layOutRanges(range, 1, 'a/b').contentType);
  });
});
