import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

function fixture(name: string): string {
  return readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
}

describe('hardware/nvidia-smi-table/extract', () => {
  it('reads name, memory and MIG mode, and says which name the table cut', () => {
    const reading = extract(fixture('two-gpus.txt'));

    expect(
      reading?.gpus?.map((gpu) => [gpu.model, gpu.computeCapability?.value, gpu.memoryBytes, gpu.migMode]),
    ).toEqual([
      ['NVIDIA A100-SXM4-40GB', '8.0', 42_949_672_960, 'Disabled'],
      ['NVIDIA GeForce RTX ...', undefined, 12_884_901_888, null],
    ]);
    expect(reading?.gpuDriver).toEqual({ value: '550.30', source: 'nvidia-smi-table', learned: 'reported' });
    expect(reading?.cudaDriverMax?.value).toBe('12.40');
    expect(reading?.problems).toEqual([
      {
        source: 'nvidia-smi-table',
        message: 'the table cuts the name of GPU 1; take the report with nvidia-smi -q',
        line: 13,
      },
    ]);
    expect(JSON.stringify(reading)).not.toMatch(/alice|0B:00/);
  });

  it('reads the table of Windows, which has two lines for a GPU and no CUDA', () => {
    const reading = extract(fixture('windows.txt'));

    expect(reading?.gpus?.map(({ model, memoryBytes }) => [model, memoryBytes])).toEqual([
      ['Quadro P2000', 5_368_709_120],
    ]);
    expect(reading?.cudaDriverMax).toBeNull();
  });

  it.each(['', '| NVIDIA-SMI |', 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.'])(
    'leaves other text alone: %j',
    (content) => {
      expect(extract(content)).toBeNull();
    },
  );
});
