import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

function fixture(name: string): string {
  return readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
}

describe('hardware/nvidia-smi-xml/extract', () => {
  it('reads GPUs, driver and the highest CUDA, and keeps 535.30 and 12.20 as written', () => {
    const gpu = {
      model: 'NVIDIA A100-PCIE-40GB',
      architecture: 'Ampere',
      computeCapability: { value: '8.0', source: 'nvidia-smi-xml', learned: 'derived' },
      brand: 'NVIDIA',
      memoryBytes: 42_949_672_960,
      eccEnabled: true,
      source: 'nvidia-smi-xml',
    };

    expect(extract(fixture('v12-two-gpus.xml'))).toEqual({
      gpus: [
        { ...gpu, migMode: 'Disabled' },
        { ...gpu, migMode: 'Enabled' },
      ],
      gpuDriver: { value: '535.30', source: 'nvidia-smi-xml', learned: 'reported' },
      cudaDriverMax: { value: '12.20', source: 'nvidia-smi-xml', learned: 'reported' },
      problems: [],
    });
  });

  it('keeps no serial number, UUID or process', () => {
    const text = JSON.stringify(extract(fixture('v12-two-gpus.xml')));

    expect(text).not.toMatch(/1234567890123|GPU-0000|alice/);
  });

  it('reads one GPU of an old driver, which writes MB and no CUDA version', () => {
    expect(extract(fixture('v8-old.xml'))).toEqual({
      gpus: [
        {
          model: 'GeForce GTX 1080',
          architecture: null,
          computeCapability: { value: '6.1', source: 'nvidia-smi-xml', learned: 'derived' },
          brand: 'NVIDIA',
          memoryBytes: 8_507_097_088,
          eccEnabled: null,
          migMode: null,
          source: 'nvidia-smi-xml',
        },
      ],
      gpuDriver: { value: '367.57', source: 'nvidia-smi-xml', learned: 'reported' },
      cudaDriverMax: null,
      problems: [],
    });
  });

  it('takes every way of saying "not available" for unknown, and counts what is missing', () => {
    const reading = extract(fixture('not-available.xml'));

    expect(reading?.gpuDriver).toBeNull();
    expect(reading?.cudaDriverMax).toBeNull();
    expect(reading?.gpus).toEqual([
      {
        model: 'NVIDIA Example',
        architecture: null,
        computeCapability: null,
        brand: null,
        memoryBytes: null,
        eccEnabled: null,
        migMode: null,
        source: 'nvidia-smi-xml',
      },
    ]);
    expect(reading?.problems?.map(({ message }) => message)).toEqual([
      '1 GPU without a product name',
      'attached_gpus is 3, but the report describes 2',
    ]);
  });

  it.each([
    ['invalid/entity-declarations.xml', 'XML declarations are refused'],
    ['invalid/cut-off.xml', 'XML is broken or cut off'],
  ])('refuses %s', (name, message) => {
    expect(() => extract(fixture(name))).toThrow(message);
  });

  it.each(['', '<html></html>', 'driver_version: 1', 'see <nvidia_smi_log>'])(
    'leaves other text alone: %j',
    (content) => {
      expect(extract(content)).toBeNull();
    },
  );
});
