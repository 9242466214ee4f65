import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { VisiblePath } from './plan.js';

/** Programs of the host and what they need to start: nothing else of the host is seen, and none of it can be changed. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/**
 * Lays out a root directory for the builder in the mount namespace of this process. A builder with a hole in it (and there
 * were some: CVE-2024-1753, CVE-2024-9407) shows a hostile recipe this directory instead of the host's.
 */
export function layOutView(
  root: string,
  visible: readonly VisiblePath[],
  files: Readonly<Record<string, string>>,
): void {
  mkdirSync(root, { recursive: true });
  mount('-t', 'tmpfs', '-o', 'mode=755,size=64m', 'envarium', root);
  for (const name of ['proc', 'sys', 'dev', 'etc', 'run', 'tmp', 'var/tmp', '.host'])
    mkdirSync(path.join(root, name), { recursive: true });
  for (const directory of SYSTEM) layOutSystem(root, directory);
  layOutDevices(path.join(root, 'dev'));
  // Of this network namespace, and so without the host's interfaces.
  mount('-t', 'sysfs', '-o', 'nosuid,nodev,noexec', 'sysfs', path.join(root, 'sys'));
  mount('--rbind', '/sys/fs/cgroup', path.join(root, 'sys/fs/cgroup'));
  show(root, { source: '/etc/ld.so.cache', target: '/etc/ld.so.cache', isWritable: false });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  for (const entry of visible) show(root, entry);
}

function layOutSystem(root: string, directory: string): void {
  const kind = lstatSync(directory, { throwIfNoEntry: false });
  if (kind?.isSymbolicLink() === true) symlinkSync(readlinkSync(directory), path.join(root, directory));
  else if (kind?.isDirectory() === true) show(root, { source: directory, target: directory, isWritable: false });
}

function layOutDevices(directory: string): void {
  for (const name of DEVICES) {
    writeFileSync(path.join(directory, name), '');
    mount('--bind', `/dev/${name}`, path.join(directory, name));
  }
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
  ] as const)
    symlinkSync(target, path.join(directory, name));
  mkdirSync(path.join(directory, 'shm'), { mode: 0o1777 });
}

function show(root: string, { source, target, isWritable }: VisiblePath): void {
  const kind = lstatSync(source, { throwIfNoEntry: false });
  if (kind === undefined) return;
  const inside = path.join(root, target);
  if (kind.isDirectory()) mkdirSync(inside, { recursive: true });
  else {
    mkdirSync(path.dirname(inside), { recursive: true });
    writeFileSync(inside, '');
  }
  mount('-o', isWritable ? 'bind' : 'bind,ro', source, inside);
}

export function mount(...parameters: string[]): void {
  execFileSync('mount', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
}
