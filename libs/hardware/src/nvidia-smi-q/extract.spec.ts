import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

function fixture(name: string): string {
  return readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
}

describe('hardware/nvidia-smi-q/extract', () => {
  it('reads GPUs, driver and the highest CUDA, each value from its own section', () => {
    const gpu = {
      model: 'NVIDIA A100-PCIE-40GB',
      architecture: 'Ampere',
      computeCapability: { value: '8.0', source: 'nvidia-smi-q', learned: 'derived' },
      brand: 'NVIDIA',
      memoryBytes: 42_949_672_960,
      source: 'nvidia-smi-q',
    };

    expect(extract(fixture('two-gpus.txt'))).toEqual({
      gpus: [
        { ...gpu, eccEnabled: true, migMode: 'Disabled' },
        { ...gpu, eccEnabled: false, migMode: 'Enabled' },
      ],
      gpuDriver: { value: '535.30', source: 'nvidia-smi-q', learned: 'reported' },
      cudaDriverMax: { value: '12.20', source: 'nvidia-smi-q', learned: 'reported' },
      problems: [],
    });
  });

  it('keeps no serial number, UUID, bus or process', () => {
    expect(JSON.stringify(extract(fixture('two-gpus.txt')))).not.toMatch(/123456789|GPU-0000|alice|0B:00/);
  });

  it('keeps what a log says before it is cut off, and names the line', () => {
    const reading = extract(fixture('cut-off.txt'));

    expect(reading?.gpus).toHaveLength(1);
    expect(reading?.gpus?.[0]?.memoryBytes).toBeNull();
    expect(reading?.problems).toEqual([
      {
        source: 'nvidia-smi-q',
        message: 'Attached GPUs is 2, but the report describes 1, and it is cut off',
        line: 20,
      },
    ]);
  });

  it('reads an old driver after a prompt, and takes an error for unknown', () => {
    const reading = extract(fixture('old-not-available.txt'));

    expect(reading?.gpus?.map(({ model, memoryBytes, eccEnabled }) => [model, memoryBytes, eccEnabled])).toEqual([
      ['GeForce GTX 1080', 8_507_097_088, null],
    ]);
    expect(reading?.cudaDriverMax).toBeNull();
    expect(reading?.problems?.map(({ message }) => message)).toEqual(['1 GPU without a product name']);
  });

  it('does not take the total of another memory for that of the GPU', () => {
    const log = fixture('two-gpus.txt').replaceAll('FB Memory Usage', 'Other Memory Usage');

    expect(extract(log)?.gpus?.map(({ memoryBytes }) => memoryBytes)).toEqual([null, null]);
  });

  it('refuses a log that ends after its title', () => {
    expect(() => extract('==============NVSMI LOG==============\n')).toThrow(
      'the log of nvidia-smi ends before its first fact',
    );
  });

  it.each([
    '',
    'Driver Version : 1',
    `${'text\n'.repeat(30)}==============NVSMI LOG==============\nDriver Version : 1`,
  ])('leaves other text alone: %j', (content) => {
    expect(extract(content)).toBeNull();
  });
});
