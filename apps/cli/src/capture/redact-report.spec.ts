import { describe, expect, it } from 'vitest';
import { redactCpuinfo, redactNvidiaSmi } from './redact-report.js';

describe('cli/capture/redact-report', () => {
  it('drops the serial number of a board and keeps the rest of /proc/cpuinfo byte for byte', () => {
    const report =
      'processor\t: 0\nFeatures\t: fp asimd\n\nHardware\t: BCM2835\nSerial\t\t: 10000000abcdef01\nModel\t\t: Board\n';

    expect(redactCpuinfo(report)).toBe(
      'processor\t: 0\nFeatures\t: fp asimd\n\nHardware\t: BCM2835\nModel\t\t: Board\n',
    );
  });

  it('blanks the serial number in the identification of s390', () => {
    const report = 'processor 0: version = FF,  identification = 0133E8,  machine = 2964\n';

    expect(redactCpuinfo(report)).toBe('processor 0: version = FF,  identification = 000000,  machine = 2964\n');
  });

  it('empties what names a card or a person in the log of nvidia-smi', () => {
    const log = [
      '<gpu id="00000000:3B:00.0">',
      '<product_name>A100</product_name>',
      '<serial>1324120012345</serial>',
      '<uuid>GPU-1f2e</uuid>',
      '<processes><process_info><pid>7</pid><process_name>/home/alice/secret.py</process_name></process_info></processes>',
      '</gpu>',
    ].join('\n');

    const redacted = redactNvidiaSmi(log);

    expect(redacted).toContain('<product_name>A100</product_name>');
    expect(redacted).toContain('<serial></serial>');
    expect(redacted).not.toMatch(/alice|1324120012345|GPU-1f2e|3B:00/);
  });
});
