import { describe, expect, it } from 'vitest';
import { FormatError } from './format.js';
import { decodeText, parseJson, splitLines } from './text.js';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');

function failure(read: () => unknown): { reason: string; line: number | null } {
  try {
    read();
  } catch (error) {
    if (error instanceof FormatError) return { reason: error.reason, line: error.line };
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('formats/text decodeText', () => {
  it.each<[string, Uint8Array, string, string]>([
    ['UTF-8', Buffer.from('é'), 'é', 'utf-8'],
    ['UTF-8 with a byte-order mark', Buffer.from('\uFEFFé'), 'é', 'utf-8'],
    ['UTF-16 LE with a byte-order mark', utf16('\uFEFFa==1'), 'a==1', 'utf-16le'],
    ['UTF-16 BE with a byte-order mark', Buffer.from(utf16('\uFEFFa==1')).swap16(), 'a==1', 'utf-16be'],
    ['UTF-16 LE without a mark', utf16('a==1\n'), 'a==1\n', 'utf-16le'],
    [
      'a declared coding line',
      latin1('# -*- coding: iso8859-15 -*-\n# 10 \xa4'),
      '# -*- coding: iso8859-15 -*-\n# 10 €',
      'iso-8859-15',
    ],
    [
      'a coding line in the second line',
      latin1('#!\n# coding=cp1251\n# \xe9'),
      '#!\n# coding=cp1251\n# й',
      'windows-1251',
    ],
    ['Windows-1252 when nothing else fits', latin1('# caf\xe9 \x80'), '# café €', 'windows-1252'],
    [
      'Windows-1252 when the declared coding is unknown',
      latin1('# coding: no-such\n\xe9'),
      '# coding: no-such\né',
      'windows-1252',
    ],
    ['an empty file', new Uint8Array(), '', 'utf-8'],
  ])('reads %s', (_, bytes, text, encoding) => {
    expect(decodeText(bytes)).toEqual({ text, encoding });
  });

  it.each([
    ['zero bytes', Buffer.from('a\0\0b==1')],
    ['half a UTF-16 character', Buffer.from([0xff, 0xfe, 0x61])],
  ])('refuses %s', (_, bytes) => {
    expect(failure(() => decodeText(bytes))).toEqual({ reason: 'encoding-invalid', line: null });
  });
});

describe('formats/text splitLines', () => {
  it('ends a line at LF, CRLF and a lone CR', () => {
    expect(splitLines('a\nb\r\nc\rd')).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('formats/text parseJson', () => {
  it('reads what JSON.parse reads', () => {
    expect(parseJson('{"v":"3.10","rest":[1,-2.5e3,true,null,"\\u00e9\\n",{},[]]}')).toEqual({
      v: '3.10',
      rest: [1, -2500, true, null, 'é\n', {}, []],
    });
  });

  it.each([
    ['{"a": 1,\n "b": }', 2],
    ['{"a": 1,\n\n', 3],
    ['{"a": 1}\n{', 2],
    ['', 1],
    ['[1,]', 1],
    ['{"a"\n:01}', 2],
    ['["a\nb"]', 1],
    ['["\\x"]', 1],
    ['[1\n2]', 2],
    ['{"a":1]', 1],
    ['nul', 1],
  ])('gives the line of the fault in %j', (text, line) => {
    expect(failure(() => parseJson(text))).toEqual({ reason: 'syntax-invalid', line });
  });

  it('refuses deep nesting before it recurses', () => {
    expect(failure(() => parseJson('[\n'.repeat(100_000)))).toEqual({ reason: 'limit-exceeded', line: 65 });
  });

  it('reads a string of many escapes', () => {
    expect(parseJson(`"${'\\n'.repeat(3_000_000)}"`)).toHaveLength(3_000_000);
  });
});
