import { describe, expect, it } from 'vitest';
import { isTakenBy, minimumDriverOf, runsMachineCode } from './cuda-table.js';

describe('hardware/cuda-table', () => {
  it.each([
    ['13.1', '580.65.06'],
    ['12.9', '525.60.13'],
    ['11.0', '450.80.02'],
    ['10.2', '440.33'],
    ['8.0', '375.26'],
    ['6.5', null],
    ['14.0', null],
  ])('knows the driver that CUDA %s needs', (toolkit, driver) => {
    expect(minimumDriverOf(toolkit)).toBe(driver);
  });

  it.each([
    ['12.2', '11.8', true],
    ['12.0', '12.9', true],
    ['11.8', '12.0', false],
    ['10.1', '10.2', false],
    ['10.2', '10.1', true],
  ])('lets a driver of CUDA %s take %s: %s', (most, toolkit, isTaken) => {
    expect(isTakenBy(most, toolkit)).toBe(isTaken);
  });

  it.each([
    ['8.0', '8.6', true],
    ['8.6', '8.0', false],
    ['8.0', '9.0', false],
    ['9.0a', '9.0', true],
    ['9.0a', '9.1', false],
  ])('runs code for %s on %s: %s', (code, capability, runs) => {
    expect(runsMachineCode(code, capability)).toBe(runs);
  });
});
