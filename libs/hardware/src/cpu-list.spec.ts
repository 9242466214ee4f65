import { describe, expect, it } from 'vitest';
import { countCpuList } from './cpu-list.js';

describe('hardware/cpu-list', () => {
  it.each([
    ['', 0],
    ['0', 1],
    ['0-3', 4],
    ['0-15,18', 17],
    ['6,7,10,11,14,15', 6],
    ['0-7:2/4', 4],
    ['0-9:1/4', 3],
  ])('counts %j as %i', (list, count) => {
    expect(countCpuList(list)).toBe(count);
  });

  it.each(['a', '3-0', '0-', '0-7:2/0', '0-7:5/4', '0x3', '0;1', '99999999'])('refuses %j', (list) => {
    expect(countCpuList(list)).toBeNull();
  });
});
