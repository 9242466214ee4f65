// Builds dist/ when it is missing or older than the sources. Runs after `npm ci` and before `npm start`.
// An installation without development dependencies has no compiler and brings dist/ along: nothing to do there.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const stamp = path.join(root, 'dist', '.built');

function newest(directory) {
  let latest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'generated' || entry.name === '__fixtures__') continue;
    const file = path.join(directory, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(file) : statSync(file).mtimeMs);
  }
  return latest;
}

function isStale(startedAt) {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  const sources = ['apps', 'libs', 'prisma', 'test'].map((name) => newest(path.join(root, name)));
  return Math.max(...sources, statSync(path.join(root, 'package.json')).mtimeMs) > built && startedAt > built;
}

const startedAt = Date.now();
const hasCompiler = existsSync(path.join(root, 'node_modules', '@swc', 'cli'));
if (hasCompiler && (!process.argv.includes('--if-stale') || isStale(startedAt))) {
  const built = spawnSync('npm', ['run', '-s', 'build'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
  writeFileSync(stamp, '');
  // Sources that changed while the compiler ran must count as newer than what it made of them.
  utimesSync(stamp, new Date(startedAt), new Date(startedAt));
}
