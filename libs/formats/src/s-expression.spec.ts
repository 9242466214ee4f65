import { describe, expect, it } from 'vitest';
import { listsIn, parseSExpressions, type Datum } from './s-expression.js';

function written(datum: Datum): string {
  if (datum.kind === 'list') return `(${datum.items.map(written).join(' ')})`;
  return datum.kind === 'string' ? JSON.stringify(datum.text) : datum.text;
}
const read = (text: string) => parseSExpressions(text).map(written).join(' ');

describe('formats/s-expression', () => {
  it.each([
    ['(a "b" 1.0)', '(a "b" 1.0)'],
    ["'(a . b)", '(quote (a . b))'],
    ['`(a ,b ,@c)', '(quasiquote (a (unquote b) (unquote-splicing c)))'],
    ['(a ; comment )\n b)', '(a b)'],
    ['(a #| one #| two |# |# b)', '(a b)'],
    ['(a #;(b c) d)', '(a d)'],
    ["(a #;'b c)", '(a c)'],
    ['#!/bin/sh\n!#\n(a)', '(a)'],
    ['[a #(b) #:key #t]', '(a (b) #:key #t)'],
    ['(#\\( #\\space #\\")', '(#\\( #\\space #\\")'],
    ['(#{a b}# |c d|)', '(#{a b}# |c d|)'],
    ['#~(a #$b)', '(gexp (a (ungexp b)))'],
    ['"a\\"b\\n;c"', '"a\\"b\\n;c"'],
    ["''a", '(quote (quote a))'],
    ['', ''],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('counts lines, also within strings and comments', () => {
    const [, second] = parseSExpressions('"a\r\nb" #|\n|#\n(c)');

    expect(second?.line).toBe(4);
  });

  it('gives every list, outer ones first', () => {
    expect(listsIn(parseSExpressions('(a (b) (c (d)))')).map(written)).toEqual([
      '(a (b) (c (d)))',
      '(b)',
      '(c (d))',
      '(d)',
    ]);
  });

  it.each([
    ['a list', '\n(a\n(b)', 2],
    ['a string', '(a\n"b', 2],
    ['a comment', '(a)\n#| b', 2],
    ['a quote', "(a\n')", 2],
    ['too much', '(a)\n)', 2],
  ])('refuses %s that is not closed or not open, with its line', (_, text, line) => {
    expect(() => parseSExpressions(text)).toThrow(expect.objectContaining({ reason: 'syntax-invalid', line }));
  });

  it('bounds nesting', () => {
    const limit = expect.objectContaining({ reason: 'limit-exceeded', line: 1 });

    expect(() => parseSExpressions('('.repeat(100_000))).toThrow(limit);
    expect(() => parseSExpressions("'".repeat(100_000))).toThrow(limit);
  });
});
