import { HardwareFingerprint, type HardwareSource } from '@envarium/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derived, reported } from './facts.js';
import { toFingerprint } from './fingerprint.js';
import { mergeFingerprints } from './merge.js';

function cpuOf(source: HardwareSource, sockets: number, vendor: string, architecture = 'x86_64') {
  return toFingerprint({
    architecture: reported(source, architecture),
    cpu: { sockets: reported(source, sockets), vendor: reported(source, vendor) },
  });
}

function gpuReport(driver: string, ...models: string[]) {
  const source = 'nvidia-smi-xml';
  const rest = {
    architecture: null,
    computeCapability: null,
    brand: null,
    memoryBytes: null,
    eccEnabled: null,
    migMode: null,
    source,
  } as const;
  return toFingerprint({ gpus: models.map((model) => ({ model, ...rest })), gpuDriver: reported(source, driver) });
}

describe('hardware/merge', () => {
  it('joins the reports of CPU and GPU', () => {
    const merged = mergeFingerprints([cpuOf('lscpu', 1, 'AuthenticAMD'), gpuReport('535.30', 'NVIDIA A100')]);

    expect(merged.architecture?.value).toBe('x86_64');
    expect(merged.cpu?.sockets?.value).toBe(1);
    expect(merged.gpus.map(({ model }) => model)).toEqual(['NVIDIA A100']);
    expect(merged.gpuDriver?.value).toBe('535.30');
    expect(merged.problems).toEqual([]);
  });

  it('keeps the fact of the more exact report, whatever the order, and names the contradiction', () => {
    const json = cpuOf('lscpu-json', 2, 'AuthenticAMD');
    const cpuinfo = cpuOf('cpuinfo', 1, 'AuthenticAMD');
    const problem = {
      source: 'cpuinfo',
      message: 'sockets: 1 only in cpuinfo, 2 only in lscpu-json, which is kept',
      line: null,
    };

    for (const readings of [
      [json, cpuinfo],
      [cpuinfo, json],
    ]) {
      const merged = mergeFingerprints(readings);
      expect(merged.cpu?.sockets).toEqual({ value: 2, source: 'lscpu-json', learned: 'reported' });
      expect(merged.problems).toEqual([problem]);
    }
  });

  it('fills the gaps of the more exact report from the other', () => {
    const lscpu = toFingerprint({ architecture: reported('lscpu', 'x86_64'), cpu: {} });
    const cpuinfo = toFingerprint({ cpu: { microcode: reported('cpuinfo', '0x1') } });

    expect(mergeFingerprints([cpuinfo, lscpu]).cpu?.microcode).toEqual(reported('cpuinfo', '0x1'));
  });

  it('takes the codes of cpuinfo on ARM for no contradiction to the names of lscpu', () => {
    const merged = mergeFingerprints([cpuOf('lscpu', 1, 'ARM', 'aarch64'), cpuOf('cpuinfo', 1, '0x41', 'aarch64')]);

    expect(merged.cpu?.vendor?.value).toBe('ARM');
    expect(merged.problems).toEqual([]);
  });

  it('names the flags that only one report has, and computes the ISA level of those kept', () => {
    const v1 = ['cmov', 'cx8', 'fpu', 'fxsr', 'mmx', 'sse', 'sse2', 'syscall'];
    const lscpu = toFingerprint({
      architecture: reported('lscpu', 'x86_64'),
      cpu: { features: reported('lscpu', v1) },
    });
    const cpuinfo = toFingerprint({ cpu: { features: reported('cpuinfo', ['avx', ...v1.slice(1)]) } });

    const merged = mergeFingerprints([cpuinfo, lscpu]);

    expect(merged.cpu?.isaLevel).toEqual(derived('lscpu', 'x86-64-v1'));
    expect(merged.problems.map(({ message }) => message)).toEqual([
      'features: avx only in cpuinfo, cmov only in lscpu, which is kept',
    ]);
  });

  it('keeps the name of the design that one report tells, and computes it from what only all of them tell', () => {
    const named = (source: HardwareSource, name: string) =>
      toFingerprint({
        architecture: reported(source, 'aarch64'),
        cpu: { microarchitecture: derived(source, name) },
      });
    const power = (source: HardwareSource, architecture: string | null, modelName: string | null) =>
      toFingerprint({
        architecture: reported(source, architecture),
        cpu: { modelNames: modelName === null ? null : reported(source, [modelName]) },
      });

    const apple = mergeFingerprints([named('lscpu', 'aarch64'), named('cpuinfo', 'm1')]);
    const ibm = mergeFingerprints([
      power('cpuinfo', null, 'POWER9, altivec supported'),
      power('lscpu', 'ppc64le', null),
    ]);

    expect(apple.cpu?.microarchitecture).toEqual(derived('cpuinfo', 'm1'));
    expect(ibm.cpu?.microarchitecture).toEqual(derived('cpuinfo', 'power9le'));
  });

  it('takes the word of the kernel, and no other spelling for a contradiction', () => {
    const merged = mergeFingerprints([cpuOf('lshw-json', 1, 'Intel Corp.'), cpuOf('lscpu', 1, 'GenuineIntel')]);

    expect(merged.cpu?.vendor).toEqual(reported('lscpu', 'GenuineIntel'));
    expect(merged.problems).toEqual([]);
  });

  it('keeps the longer of two lists of GPUs, and names the other', () => {
    const merged = mergeFingerprints([gpuReport('535.30', 'A'), gpuReport('535.30', 'A', 'B')]);

    expect(merged.gpus.map(({ model }) => model)).toEqual(['A', 'B']);
    expect(merged.problems.map(({ message }) => message)).toEqual(['GPUs differ between reports: A; kept: A, B']);
  });

  it('keeps 100 problems and counts the rest', () => {
    const problems = Array.from({ length: 250 }, (_, line) => ({ source: 'lscpu' as const, message: 'odd', line }));

    const merged = mergeFingerprints([toFingerprint({ problems })]);

    expect(merged.problems).toHaveLength(100);
    expect(merged.problems.at(-1)).toEqual({ source: 'lscpu', message: '151 more problems', line: 99 });
  });

  it('makes of no report a fingerprint that knows nothing', () => {
    expect(mergeFingerprints([])).toEqual({
      schemaVersion: 1,
      architecture: null,
      cpu: null,
      gpus: [],
      gpuDriver: null,
      cudaDriverMax: null,
      kernel: null,
      operatingSystem: null,
      libc: null,
      pageSizeBytes: null,
      memoryBytes: null,
      problems: [],
    });
  });

  const source = fc.constantFrom('lscpu', 'lscpu-json', 'cpuinfo', 'node-os');
  const reading = fc
    .tuple(source, fc.nat(4), fc.constantFrom('A', 'B'), fc.constantFrom('x86_64', 'aarch64'), fc.boolean())
    .map(([name, sockets, vendor, architecture, hasGpu]) => ({
      ...cpuOf(name, sockets, vendor, architecture),
      ...(hasGpu && { gpus: gpuReport('1', vendor).gpus }),
    }));

  it('gives a report alone, or twice, back unchanged', () => {
    fc.assert(
      fc.property(reading, (one) => {
        expect(mergeFingerprints([one])).toEqual(one);
        expect(mergeFingerprints([one, one])).toEqual(one);
      }),
    );
  });

  it('invents no value, and does not depend on the order of reports of different kinds', () => {
    const readings = fc.uniqueArray(reading, { selector: ({ architecture }) => architecture?.source, maxLength: 4 });
    fc.assert(
      fc.property(readings, (reports) => {
        const merged = mergeFingerprints(reports);
        const reversed = mergeFingerprints(reports.toReversed());

        expect(HardwareFingerprint.safeParse(merged).success).toBe(true);
        expect({ cpu: reversed.cpu, architecture: reversed.architecture }).toEqual({
          cpu: merged.cpu,
          architecture: merged.architecture,
        });
        if (merged.cpu !== null) {
          expect(reports.map(({ cpu }) => cpu?.sockets?.value)).toContain(merged.cpu.sockets?.value);
        }
      }),
    );
  });
});
