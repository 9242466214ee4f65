import { describe, expect, it } from 'vitest';
import { JobLog } from './job-log.js';

function logged(chunks: readonly (string | Uint8Array)[], maxBytes = 1 << 20): { lines: string[]; isTooLong: boolean } {
  const lines: string[] = [];
  const log = new JobLog({ line: (stream, text) => void lines.push(`${stream}: ${text}`) }, maxBytes);
  for (const chunk of chunks) log.write('stdout', typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  log.end();
  return { lines, isTooLong: log.isTooLong };
}

describe('sandbox/job-log', () => {
  it('gives lines, however they come, and the last one without its end', () => {
    expect(logged(['on', 'e\ntwo\nth', 'ree']).lines).toEqual(['stdout: one', 'stdout: two', 'stdout: three']);
  });

  it('joins a character that came in two parts', () => {
    expect(logged([Uint8Array.of(0xc3), Uint8Array.of(0xa9, 0x0a)]).lines).toEqual(['stdout: é']);
  });

  it('replaces what is not UTF-8', () => {
    expect(logged([Uint8Array.of(0x61, 0xff, 0x62, 0x0a)]).lines).toEqual(['stdout: a\uFFFDb']);
  });

  it.each([
    ['colours', '\u001B[1;31mred\u001B[0m\n', 'red'],
    ['the title of a window', '\u001B]0;title\u0007text\n', 'text'],
    ['what would ring', 'a\u0007b\u0000c\n', 'abc'],
    ['carriage returns of another system', 'text\r\n', 'text'],
    ['progress that was overwritten', '10 %\r50 %\r100 %\n', '100 %'],
  ])('removes %s', (_title, text, expected) => {
    expect(logged([text]).lines).toEqual([`stdout: ${expected}`]);
  });

  it('cuts a long line, and says so', () => {
    const { lines } = logged(['x'.repeat(40_000), '\nnext\n']);

    expect(lines).toEqual([`stdout: ${'x'.repeat(16_384)} […]`, 'stdout: next']);
  });

  it('stops at its limit', () => {
    expect(logged(['12345\n', '67890\n'], 8)).toEqual({ lines: ['stdout: 12345', 'stdout: 67'], isTooLong: true });
    expect(logged(['12345678'], 8).isTooLong).toBe(false);
  });
});
