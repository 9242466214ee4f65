import { describe, expect, it } from 'vitest';
import { compareVersions } from './version-order.js';

describe('hardware/version-order', () => {
  it.each([
    ['6.1.0-13-amd64', '3.2.0', 1],
    ['2.6.32-754.el6', '3.2.0', -1],
    ['535.104', '535.54.03', 1],
    ['12.10', '12.9', 1],
    ['535', '535.0', 0],
    ['x', '1', -1],
  ])('orders %s and %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(-sign + 0);
  });
});
