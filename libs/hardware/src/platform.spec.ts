import { describe, expect, it } from 'vitest';
import { toKernelArchitecture, toOciArchitecture } from './platform.js';

describe('hardware/platform', () => {
  it.each([
    ['x86_64', { architecture: 'amd64' }],
    ['amd64', { architecture: 'amd64' }],
    ['aarch64', { architecture: 'arm64' }],
    ['armv7l', { architecture: 'arm', variant: 'v7' }],
    ['arm', { architecture: 'arm' }],
    ['i686', { architecture: '386' }],
    ['ppc64le', { architecture: 'ppc64le' }],
    ['loongarch64', { architecture: 'loong64' }],
    ['mips64', null],
    ['sparc64', null],
    ['', null],
  ])('names %j for OCI', (name, expected) => {
    expect(toOciArchitecture(name)).toEqual(expected);
  });

  it.each([
    ['amd64', 'x86_64'],
    ['x86_64', 'x86_64'],
    ['386', 'i686'],
    ['arm64', 'aarch64'],
    ['loong64', 'loongarch64'],
    ['arm', null],
    ['sparc64', null],
  ])('names %j as the kernel does', (name, expected) => {
    expect(toKernelArchitecture(name)).toBe(expected);
  });
});
