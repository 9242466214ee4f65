import { describe, expect, it } from 'vitest';
import { needsOfVariables } from './image-needs.js';

describe('hardware/image-needs', () => {
  it.each([
    [['PATH=/bin', 'CUDA_VERSION=12.2.140', 'NVIDIA_REQUIRE_CUDA=cuda>=12.2'], '12.2', 'CUDA_VERSION of the image'],
    [['NVIDIA_REQUIRE_CUDA=cuda>=11.8 brand=tesla,driver>=450'], '11.8', 'NVIDIA_REQUIRE_CUDA of the image'],
  ])('reads CUDA out of %j', (variables, toolkit, evidence) => {
    expect(needsOfVariables(variables)).toEqual({ cuda: { toolkit, evidence } });
  });

  it.each([[[]], [['CUDA_VERSION=latest']], [['NO_EQUALS_SIGN']], [['NVIDIA_REQUIRE_CUDA=brand=tesla']]])(
    'finds no need in %j',
    (variables) => {
      expect(needsOfVariables(variables)).toEqual({});
    },
  );
});
