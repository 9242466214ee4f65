import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  linkSync,
  utimesSync,
  writeFileSync,
  readFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, inChunks } from './__fixtures__/raw-tar.js';
import { bytesSource } from './random-access.js';
import { indexTar } from './tar-index.js';
import { readTar } from './tar-reader.js';
import { tarEntries } from './tar-writer.js';

const LONG = `${'deep/'.repeat(30)}${'n'.repeat(120)}`;

describe('oci/tar-reader with the tar of the system', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'oci-tar-'));
    const tree = path.join(folder, 'tree');
    mkdirSync(path.join(tree, path.dirname(LONG)), { recursive: true });
    writeFileSync(path.join(tree, 'a'), 'x'.repeat(1000));
    writeFileSync(path.join(tree, 'räksmörgås'), '');
    writeFileSync(path.join(tree, LONG), 'long');
    symlinkSync(LONG, path.join(tree, 'symlink'));
    linkSync(path.join(tree, 'a'), path.join(tree, 'b'));
    chmodSync(path.join(tree, 'a'), 0o4751);
    utimesSync(path.join(tree, 'a'), 1_600_000_000.5, 1_600_000_000.5);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['gnu', 'pax', 'ustar'])('reads what it writes as %s', async (format) => {
    // ustar cannot hold the long name.
    const long = format === 'ustar' ? [] : [LONG, 'symlink'];
    const names = ['a', 'b', 'räksmörgås', ...long];
    const tar = execFileSync('tar', [`--format=${format}`, '-C', path.join(folder, 'tree'), '-cf', '-', ...names]);

    const found = [];
    for await (const entry of readTar(inChunks(tar, 10_000))) {
      found.push([entry.path, entry.type, (await collect(entry.body)).toString(), entry.linkname]);
      if (entry.path === 'a') expect([entry.mode, Math.floor(entry.mtime)]).toEqual([0o4751, 1_600_000_000]);
    }

    const expected = [
      ['a', 'file', 'x'.repeat(1000), ''],
      ['b', 'hardlink', '', 'a'],
      ['räksmörgås', 'file', '', ''],
      [LONG, 'file', 'long', ''],
      ['symlink', 'symlink', '', LONG],
    ];
    expect(found).toEqual(expected.slice(0, names.length));
    const index = await indexTar(bytesSource(tar));
    expect(index.paths).toEqual(names);
    expect(index.find('b')).toEqual(index.find('a'));
  });

  it('keeps the fraction of a time that only PAX carries', async () => {
    const tar = execFileSync('tar', ['--format=pax', '-C', path.join(folder, 'tree'), '-cf', '-', 'a']);

    for await (const entry of readTar(inChunks(tar))) expect(entry.mtime).toBe(1_600_000_000.5);
  });

  it('writes what it unpacks', async () => {
    const tar = await collect(
      tarEntries([
        { path: 'unpacked/', type: 'directory' },
        { path: `unpacked/${'é'.repeat(90)}`, size: 4, mode: 0o640, mtime: 1_600_000_000, body: Buffer.from('body') },
        { path: 'unpacked/link', type: 'symlink', linkname: 'é'.repeat(90) },
      ]),
    );

    execFileSync('tar', ['-C', folder, '-xf', '-'], { input: tar });

    expect(readFileSync(path.join(folder, 'unpacked', 'link'), 'utf8')).toBe('body');
  });
});
