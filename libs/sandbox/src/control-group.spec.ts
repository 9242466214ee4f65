import { describe, expect, it } from 'vitest';
import { parseMembership } from './control-group.js';

describe('sandbox/control-group', () => {
  it('finds the groups of a process in both versions', () => {
    const text = '9:name=systemd:/a\n4:memory:/b/c\n2:cpu,cpuacct:/with:colon\n0::/unified.slice\n';

    expect([...parseMembership(text)]).toEqual([
      ['name=systemd', '/a'],
      ['memory', '/b/c'],
      ['cpu', '/with:colon'],
      ['cpuacct', '/with:colon'],
      ['', '/unified.slice'],
    ]);
  });
});
