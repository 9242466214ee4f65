import { describe, expect, it } from 'vitest';
import { supportOf } from './cuda-table.js';
import { computeCapabilityOf } from './gpu-table.js';

describe('hardware/gpu-table', () => {
  it.each([
    ['NVIDIA A100-SXM4-80GB', '8.0'],
    ['NVIDIA A100 80GB PCIe', '8.0'],
    ['A100-PCIE-40GB', '8.0'],
    ['GRID A100D-10C', '8.0'],
    ['NVIDIA A10G', '8.6'],
    ['NVIDIA RTX A6000', '8.6'],
    ['NVIDIA RTX 6000 Ada Generation', '8.9'],
    ['NVIDIA RTX 4000 SFF Ada Generation', '8.9'],
    ['Quadro RTX 6000', '7.5'],
    ['NVIDIA L4', '8.9'],
    ['NVIDIA H100 80GB HBM3', '9.0'],
    ['NVIDIA GH200 480GB', '9.0'],
    ['NVIDIA B200', '10.0'],
    ['NVIDIA RTX PRO 6000 Blackwell Server Edition', '12.0'],
    ['NVIDIA GeForce RTX 5090', '12.0'],
    ['NVIDIA GeForce RTX 4090 Laptop GPU', '8.9'],
    ['NVIDIA GeForce RTX 3080 Ti', '8.6'],
    ['GeForce RTX 2080 Ti', '7.5'],
    ['NVIDIA GeForce GTX 1660 Ti', '7.5'],
    ['GeForce GTX 1070 Ti', '6.1'],
    ['NVIDIA TITAN X (Pascal)', '6.1'],
    ['GeForce GTX TITAN X', '5.2'],
    ['NVIDIA TITAN V', '7.0'],
    ['Tesla V100S-PCIE-32GB', '7.0'],
    ['Tesla V100-SXM3-32GB-H', '7.0'],
    ['Tesla P100-PCIE-16GB', '6.0'],
    ['Tesla P40', '6.1'],
    ['Quadro P4000', '6.1'],
    ['Quadro P400', '6.1'],
    ['Tesla M40 24GB', '5.2'],
    ['Tesla K80', '3.7'],
    ['Tesla T4', '7.5'],
    ['NVIDIA T1000 8GB', '7.5'],
    ['GP107M [GeForce GTX 1050 Mobile]', '6.1'],
    ['Orin', '8.7'],
    ['NVIDIA GB10', '12.1'],
  ])('knows %s', (product, capability) => {
    expect(computeCapabilityOf(product)).toBe(capability);
    expect(supportOf(capability)).not.toBeNull();
  });

  it.each([
    '',
    'NVIDIA GeForce ...',
    'Graphics Device',
    'GeForce GT 730',
    'Radeon Pro W6800',
    'NVIDIA A1000000',
    'H1000',
  ])('does not guess at %j', (product) => {
    expect(computeCapabilityOf(product)).toBeNull();
  });
});
