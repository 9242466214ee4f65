import { describe, expect, it } from 'vitest';
import { needsOfPackages } from './package-needs.js';

function pypi(name: string, version: string) {
  return { ecosystem: 'pypi', name, version };
}

describe('hardware/package-needs', () => {
  it.each([
    [[pypi('torch', '2.1.0+cu118')], '11.8', 'torch 2.1.0+cu118 of pypi'],
    [[pypi('torch', '1.4.0+cu92')], '9.2', 'torch 1.4.0+cu92 of pypi'],
    [[pypi('torchvision', '0.1+cpu'), pypi('torch', '2.3.0+cu121')], '12.1', 'torch 2.3.0+cu121 of pypi'],
    [
      [pypi('torch', '2.1.0+cu118'), pypi('nvidia-cuda-runtime-cu12', '12.1.105')],
      '12.1',
      'nvidia-cuda-runtime-cu12 12.1.105 of pypi',
    ],
    [[{ ecosystem: 'conda', name: 'cudatoolkit', version: '11.3.1' }], '11.3', 'cudatoolkit 11.3.1 of conda'],
  ])('reads CUDA out of %j', (packages, toolkit, evidence) => {
    expect(needsOfPackages(packages)).toEqual({ cuda: { toolkit, evidence } });
    expect(needsOfPackages(packages, 'in the image').cuda?.evidence).toBe(`${evidence} in the image`);
  });

  it.each([
    [[]],
    [[pypi('torch', '2.1.0+cpu')]],
    [[pypi('torch', '2.1.0')]],
    [[pypi('torch', '2.1.0+cu11')]],
    [[pypi('torch', '2.1.0+cu1180')]],
    [[pypi('example', '1.0+cu118')]],
    [[{ ecosystem: 'npm', name: 'cudatoolkit', version: '11.3.1' }]],
  ])('finds no need in %j', (packages) => {
    expect(needsOfPackages(packages)).toEqual({});
  });
});
