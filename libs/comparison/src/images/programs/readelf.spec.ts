import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { abiTag, buildElf, isaNeeded } from './__fixtures__/test-elf.js';
import { ElfReader } from './elf-reader.js';
import { LibcVersionReader } from './libc-version.js';

/** The other reader of notes: https://sourceware.org/binutils/docs/binutils/readelf.html */
function readelf(...words: string[]): string | null {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  try {
    return execFileSync('readelf', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env });
  } catch {
    return null;
  }
}

const hasReadelf = readelf('--version') !== null;
const PROGRAMS = [
  '/lib/x86_64-linux-gnu/libc.so.6',
  '/lib/aarch64-linux-gnu/libc.so.6',
  '/lib64/libc.so.6',
  '/lib64/ld-linux-x86-64.so.2',
  '/lib/ld-musl-x86_64.so.1',
  '/bin/sh',
  '/bin/bash',
  '/usr/bin/perl',
  process.execPath,
].filter((file) => existsSync(file));

function notesOf(text: string | null): { kernelMinimum: string | null; isaLevel: string | null } {
  const levels = /x86 ISA needed: (?<levels>.*)/.exec(text ?? '')?.groups?.['levels'] ?? '';
  const numbers = levels.split(', ').map((level) => (level === 'x86-64-baseline' ? 1 : Number(level.slice(-1))));
  return {
    kernelMinimum: /OS: Linux, ABI: (?<version>[\d.]+)/.exec(text ?? '')?.groups?.['version'] ?? null,
    isaLevel: levels === '' ? null : `x86-64-v${Math.max(...numbers)}`,
  };
}

describe('comparison/images/programs/readelf', () => {
  if (!hasReadelf) it('SKIPPED: there is no readelf of binutils to compare with', ({ skip }) => skip());

  it.skipIf(!hasReadelf).each(PROGRAMS)('finds in %s what readelf of binutils finds', (file) => {
    const reader = new ElfReader();
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536));

    expect(reader.read()).toMatchObject(notesOf(readelf('-nW', file)));
  });

  it.skipIf(!hasReadelf)('makes test files that readelf reads as they are meant', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'envarium-elf-'));
    const read = (name: string, file: Buffer) => {
      writeFileSync(path.join(directory, name), file);
      return notesOf(readelf('-nW', path.join(directory, name)));
    };
    const little = buildElf({ notes: [abiTag([2, 6, 32]), isaNeeded(0b101)] });
    const big = buildElf({ machine: 22, isLittleEndian: false, notes: [abiTag([3, 2, 0], false)], isTableLast: true });
    try {
      expect(read('little', little)).toEqual({ kernelMinimum: '2.6.32', isaLevel: 'x86-64-v3' });
      expect(read('big', big)).toEqual({ kernelMinimum: '3.2.0', isaLevel: null });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  const libc = PROGRAMS.find((file) => file.endsWith('libc.so.6'));
  it.skipIf(libc === undefined)('reads the version of the libc that this very test is linked with', () => {
    const reader = new LibcVersionReader();
    reader.push(readFileSync(libc ?? ''));

    const { header } = process.report.getReport() as { header: { glibcVersionRuntime: string } };
    expect(reader.read()).toEqual({ family: 'glibc', version: header.glibcVersionRuntime });
  });
});
