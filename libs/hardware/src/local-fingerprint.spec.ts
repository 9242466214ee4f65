import os from 'node:os';
import { HardwareFingerprint } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { localFingerprint } from './local-fingerprint.js';

const LINUX = { type: 'Linux', glibc: '2.36' };

describe('hardware/local-fingerprint', () => {
  it('keeps what Node says, in the words of the kernel', () => {
    const cpus = [{ model: 'EPYC Example ' }, { model: 'EPYC Example ' }];

    const fingerprint = localFingerprint({
      arch: 'x64',
      cpus,
      totalmem: 8_000_000_000,
      release: '6.1.0-18-amd64',
      ...LINUX,
    });

    expect(fingerprint.architecture).toEqual({ value: 'x86_64', source: 'node-os', learned: 'derived' });
    expect(fingerprint.cpu?.modelNames).toEqual({ value: ['EPYC Example'], source: 'node-os', learned: 'reported' });
    expect(fingerprint.cpu?.onlineCpus).toEqual({ value: 2, source: 'node-os', learned: 'derived' });
    expect(fingerprint.cpu?.isaLevel).toBeNull();
    expect(fingerprint.kernel?.value).toBe('6.1.0-18-amd64');
    expect(fingerprint.operatingSystem?.value).toBe('Linux');
    expect(fingerprint.libc).toEqual({ value: 'glibc 2.36', source: 'node-os', learned: 'derived' });
    expect(fingerprint.memoryBytes?.value).toBe(8_000_000_000);
    expect(fingerprint.problems).toEqual([]);
  });

  it('names Windows, and no libc where there is none of GNU', () => {
    const os = { arch: 'x64', cpus: [], totalmem: 1, release: '10.0.1', type: 'Windows_NT', glibc: null };

    expect(localFingerprint(os).operatingSystem?.value).toBe('Windows');
    expect(localFingerprint(os).libc).toBeNull();
  });

  it('does not guess the byte order of ppc64', () => {
    const fingerprint = localFingerprint({
      arch: 'ppc64',
      cpus: [{ model: 'unknown' }],
      totalmem: 1,
      release: '6.1',
      ...LINUX,
    });

    expect(fingerprint.architecture).toBeNull();
    expect(fingerprint.cpu?.modelNames).toBeNull();
    expect(fingerprint.problems).toEqual([
      { source: 'node-os', message: 'architecture ppc64 of Node names more than one machine', line: null },
    ]);
  });

  it('takes the answers of node:os as they are', () => {
    const local = {
      arch: os.arch(),
      cpus: os.cpus(),
      totalmem: os.totalmem(),
      release: os.release(),
      type: os.type(),
      glibc: null,
    };

    expect(HardwareFingerprint.safeParse(localFingerprint(local)).success).toBe(true);
  });
});
