import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOISE_POLICY, noisePolicyName, noisePolicyText, noiseRuleOf } from './noise-policy.js';

describe('comparison/images/noise-policy', () => {
  it.each([
    ['var/log/dpkg.log', 'logs'],
    ['var/log/apt/history.log', 'logs'],
    ['var/lib/apt/lists/example.org_InRelease', 'apt-lists'],
    ['var/cache/apt/pkgcache.bin', 'apt-cache'],
    ['var/lib/dpkg/status-old', 'package-manager-backups'],
    ['etc/shadow-', 'account-backups'],
    ['var/cache/ldconfig/aux-cache', 'linker-cache'],
    ['usr/lib/python3/__pycache__/abc.cpython-311.pyc', 'bytecode'],
    ['__pycache__', 'bytecode'],
    ['root/.npm/_logs/x', 'npm-cache'],
    ['app/node_modules/.package-lock.json', 'npm-cache'],
    ['home/jovyan/.cache/pip/x', 'user-cache'],
    ['root/.cache', 'user-cache'],
    ['etc/machine-id', 'machine-identity'],
    ['etc/resolv.conf', 'network-files'],
    ['run/lock', 'mount-points'],
    ['tmp/\xff\n', 'temporary'],
  ])('passes over %j as %s', (path, rule) => {
    expect(noiseRuleOf(path)).toBe(rule);
  });

  it.each([
    'var/log',
    'tmp',
    'etc/passwd',
    'etc/hosts.allow',
    'var/lib/dpkg/status',
    'etc/ld.so.cache',
    'opt/var/log/data.csv',
    'srv/tmp/result.csv',
    'usr/lib/python2.7/compiled-only.pyc',
    'usr/__pycache__/notes.txt',
    'xrun/a',
  ])('takes %s seriously', (path) => {
    expect(noiseRuleOf(path)).toBeNull();
  });

  it('gives a reason and a path for each rule, and no name twice', () => {
    const names = NOISE_POLICY.rules.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(NOISE_POLICY.rules.filter(({ reason, paths }) => !reason.endsWith('.') || paths.length === 0)).toEqual([]);
  });

  it('is published in the README, rule by rule', () => {
    const readme = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');

    expect(readme).toContain(noisePolicyName());
    expect(NOISE_POLICY.rules.filter(({ name }) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('can be printed', () => {
    expect(noisePolicyName()).toBe('envarium-noise v1');
    expect(noisePolicyText()).toContain('logs: Logs hold the times at which something was installed.\n  var/log/**\n');
  });
});
