import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mount } from './view.js';

export interface Disk {
  readonly directory: string;
  readonly driver: 'overlay' | 'vfs';
}

/**
 * A file system of its own for everything that a job writes, in a sparse file: what fills it fills nothing else, and it goes
 * away with the mount namespace.
 */
export function makeDisk(directory: string, bytes: number): Disk {
  const target = path.join(directory, 'disk');
  mkdirSync(target);
  mountFile(directory, target, bytes);
  for (const name of ['storage', 'run', 'tmp', 'home', 'try']) mkdirSync(path.join(target, name), { mode: 0o700 });
  return { directory: target, driver: canOverlay(path.join(target, 'try')) ? 'overlay' : 'vfs' };
}

/** A full file system of this kind says that it has some hundred blocks left. */
export const isTooLittle = (bytesLeft: number): boolean => bytesLeft < 1 << 20;

export function isFull(directory: string): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return isTooLittle(bavail * bsize);
}

/** Where no loop device is to be had, nothing but the host's disk ends what a job writes: the probe finds that out. */
function mountFile(directory: string, target: string, bytes: number): void {
  const file = path.join(directory, 'disk.ext4');
  try {
    writeFileSync(file, '');
    truncateSync(file, bytes);
    const features = ['-O', '^has_journal', '-m', '0', '-E', 'lazy_itable_init=1,nodiscard,root_owner=0:0'];
    execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', ...features, file], { stdio: 'ignore' });
    mount('-o', 'loop,noatime,barrier=0', file, target);
    rmdirSync(path.join(target, 'lost+found'));
  } catch {
    rmSync(file, { force: true });
  }
}

function canOverlay(directory: string): boolean {
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(path.join(directory, name));
  const inside = (name: string): string => path.join(directory, name);
  try {
    mount(
      '-t',
      'overlay',
      '-o',
      `lowerdir=${inside('lower')},upperdir=${inside('upper')},workdir=${inside('work')}`,
      'overlay',
      inside('merged'),
    );
    execFileSync('umount', [inside('merged')], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
