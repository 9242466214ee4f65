import { describe, expect, it } from 'vitest';
import { limitHit } from './counters.js';

describe('sandbox/cell/counters', () => {
  it.each([
    ['/sys/fs/cgroup/memory/j/c/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n', 'memory'],
    ['/sys/fs/cgroup/memory/j/c/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n', null],
    ['/sys/fs/cgroup/j/c/memory.events', 'low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 0\n', 'memory'],
    ['/sys/fs/cgroup/j/c/memory.events', 'low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\n', null],
    ['/sys/fs/cgroup/pids/j/c/pids.events', 'max 3\n', 'processes'],
    ['/sys/fs/cgroup/pids/j/c/pids.events', 'max 0\n', null],
    ['/sys/fs/cgroup/pids/j/c/pids.events', '', null],
  ])('reads %s', (file, text, expected) => {
    expect(limitHit(file, text)).toBe(expected);
  });
});
