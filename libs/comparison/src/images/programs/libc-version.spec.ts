import { describe, expect, it } from 'vitest';
import { type LibcVersion, LibcVersionReader } from './libc-version.js';

function read(text: string, chunkSize = text.length || 1): LibcVersion | null {
  const reader = new LibcVersionReader();
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += chunkSize) reader.push(bytes.subarray(at, at + chunkSize));
  return reader.read();
}

const FILL = '\x00'.repeat(600);
const BANNER = 'GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nCopyright (C)';

describe('comparison/images/programs/libc-version', () => {
  it.each([
    [BANNER, '2.36'],
    ['GNU C Library stable release version 2.12, by Roland McGrath et al.\n', '2.12'],
    ['GNU C Library stable release version 2.3.5 (20050802), by Roland McGrath et al.\n', '2.3.5'],
    ['GNU C Library (Ubuntu EGLIBC 2.15-0ubuntu10) stable release version 2.15, by\n', '2.15'],
    ['GNU C Library (GNU libc) development release version 2.36.9000.\n', '2.36.9000'],
    ['\x00GLIBC_2.2.5\x00GLIBC_2.28\x00GLIBC_2.9\x00GLIBC_PRIVATE\x00', '2.28'],
    ['GNU C Library was here\x00GLIBC_2.4\x00', '2.4'],
  ])('reads glibc out of %j', (text, version) => {
    expect(read(`${FILL}${text}${FILL}`)).toEqual({ family: 'glibc', version });
  });

  it('reads musl, whose version is the only text of its kind', () => {
    expect(read(`musl libc (x86_64)\x00${FILL}\x001.2.4\x00${FILL}127.0.0.1\x00`)).toEqual({
      family: 'musl',
      version: '1.2.4',
    });
    expect(read('\x001.1.24-git-7-gabc0123\x00musl libc (aarch64)\x00')).toEqual({
      family: 'musl',
      version: '1.1.24-git-7-gabc0123',
    });
  });

  it.each([1, 3, 64])('loses nothing between chunks of %d bytes', (chunkSize) => {
    expect(read(`${FILL}${BANNER}${FILL}`, chunkSize)).toEqual({ family: 'glibc', version: '2.36' });
    expect(read(`musl libc (x\x00${FILL}\x001.2.4\x00`, chunkSize)).toEqual({ family: 'musl', version: '1.2.4' });
  });

  it.each([
    [''],
    ['/* GNU ld script */ GROUP ( /lib/libc.so.6 )'],
    ['GNU C Library release version two.\n'],
    ['\x001.2.4\x00'],
    ['musl libc (x86_64)\x00'],
    ['musl libc (x86_64)\x001.2.4\x001.2.5\x00'],
    ['needs GLIBC_2.36 of others'],
  ])('does not guess from %j', (text) => {
    expect(read(text)).toBeNull();
  });
});
