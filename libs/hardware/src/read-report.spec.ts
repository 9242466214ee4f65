import { HardwareFingerprint } from '@envarium/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHardwareReport } from './read-report.js';

const LSCPU =
  'Architecture: x86_64\nCPU(s): 2\nVendor ID: AuthenticAMD\nFlags: cmov cx8 fpu fxsr mmx syscall sse sse2\n';

const NOTHING =
  'no report of nvidia-smi -q -x, lstopo (hwloc XML), lscpu --json, lshw -json, nvidia-smi -q, nvidia-smi, cpuid -r, lscpu, /proc/cpuinfo, sysctl (macOS)';

describe('hardware/read-report', () => {
  it('makes a complete fingerprint, with the ISA level computed', () => {
    const report = readHardwareReport(Buffer.from(LSCPU), 'whatever.bin');

    expect(report.outcome).toBe('understood');
    if (report.outcome !== 'understood') return;
    expect(report.format).toBe('lscpu');
    expect(HardwareFingerprint.parse(report.fingerprint)).toEqual(report.fingerprint);
    expect(report.fingerprint.cpu?.isaLevel).toEqual({ value: 'x86-64-v1', source: 'lscpu', learned: 'derived' });
    expect(report.fingerprint.gpus).toEqual([]);
  });

  it.each([
    ['UTF-8 with a byte-order mark', Buffer.from(`\uFEFF${LSCPU}`)],
    ['UTF-16LE', Buffer.from(`\uFEFF${LSCPU}`, 'utf16le')],
    ['UTF-16BE', Buffer.from(`\uFEFF${LSCPU}`, 'utf16le').swap16()],
    ['Windows line ends', Buffer.from(LSCPU.replaceAll('\n', '\r\n'))],
  ])('reads %s', (_name, bytes) => {
    expect(readHardwareReport(bytes, 'lscpu.txt')).toEqual(readHardwareReport(Buffer.from(LSCPU), 'lscpu.txt'));
  });

  it.each([
    ['nothing', '', NOTHING],
    ['prose', 'The CPU was fast.', NOTHING],
    [
      'nvidia-smi -L',
      'GPU 0: NVIDIA Example (UUID: GPU-00000000)\n',
      'the list of nvidia-smi -L; take the report with nvidia-smi -q',
    ],
    ['the text of lshw', 'example\n  *-core\n', 'the text of lshw; take it as JSON with lshw -json'],
    ['the text of lstopo', 'Machine (31GB total)\n', 'the text of lstopo; take it as XML with lstopo --of xml'],
    [
      'sysctl without a brand',
      'hw.ncpu: 8\n',
      'a sysctl report without machdep.cpu.brand_string; take it on macOS with sysctl hw machdep.cpu',
    ],
  ])('says why it does not read %s', (_name, content, message) => {
    expect(readHardwareReport(Buffer.from(content), 'report')).toEqual({
      outcome: 'not-understood',
      message,
      line: null,
    });
  });

  it('refuses bytes that are no text', () => {
    expect(readHardwareReport(Uint8Array.of(0x43, 0xff, 0xc0), 'report')).toEqual({
      outcome: 'not-understood',
      message: 'neither UTF-8 nor UTF-16 with a byte-order mark',
      line: null,
    });
  });

  it('takes 8 MiB and not one byte more', () => {
    const padded = Buffer.alloc(8 * 2 ** 20, `${LSCPU}# `);

    expect(readHardwareReport(padded.fill('#', LSCPU.length), 'report').outcome).toBe('understood');
    expect(readHardwareReport(Buffer.concat([padded, Buffer.from('#')]), 'report')).toMatchObject({
      message: 'larger than 8 MiB',
    });
  });

  it.each([
    ['nested JSON', `{"lscpu": ${'['.repeat(200_000)}`],
    ['nested lscpu JSON', `{"lscpu": [${'{"field":"a","children":['.repeat(20_000)}${']}'.repeat(20_000)}]}`],
    ['nested XML', `<nvidia_smi_log>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</nvidia_smi_log>`],
    ['a million blanks', `CPU(s)${' '.repeat(1_000_000)}`],
    ['a million colons', `${':'.repeat(1_000_000)}\n<nvidia_smi_log`],
    ['nested hwloc', `<topology>${'<object type="Group">'.repeat(50_000)}${'</object>'.repeat(50_000)}</topology>`],
    ['nested lshw', `[${'{"id":"a","class":"b","children":['.repeat(20_000)}${']}'.repeat(20_000)}]`],
    ['a million blanks in the table of nvidia-smi', `| NVIDIA-SMI 1${' '.repeat(1_000_000)}`],
    ['open declarations', `<nvidia_smi_log>${'<!DOCTYPE '.repeat(100_000)}`],
    ['prototype names', '{"lscpu": [{"field": "__proto__:", "data": "x"}, {"field": "constructor:"}]}'],
  ])('answers %s quickly, without throwing', (_name, content) => {
    const start = performance.now();

    expect(readHardwareReport(Buffer.from(content), 'report').outcome).toBe('not-understood');
    expect(performance.now() - start).toBeLessThan(8000);
  });

  it('answers any bytes without throwing, and any mutilated report', () => {
    const cut = fc
      .tuple(fc.nat(LSCPU.length), fc.string())
      .map(([at, text]) => LSCPU.slice(0, at) + text + LSCPU.slice(at));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          cut.map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const report = readHardwareReport(bytes, 'report');
          if (report.outcome === 'understood')
            expect(HardwareFingerprint.safeParse(report.fingerprint).success).toBe(true);
          else expect(report.message).not.toBe('');
        },
      ),
      { numRuns: 500 },
    );
  });
});
