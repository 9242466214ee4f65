import { describe, expect, it } from 'vitest';
import { meets } from './version-range.js';

describe('recipes/detect/version-range', () => {
  it.each([
    ['3.11', '3.11', true],
    ['3.11', '3.11.4', true],
    ['3.11', '3.8', false],
    ['3.11', '3', true],
    ['3.11', '>=3.8', true],
    ['3.11', '>=3.8,<3.12', true],
    ['3.11', '>=3.8,<3.11', false],
    ['3.11', '>=3.12', false],
    ['3.11', '>3.11', false],
    ['3.11', '~=3.8', true],
    ['3.11', '~=3.8.1', false],
    ['3.11', '==3.11.*', true],
    ['3.11', '!=3.11.*', false],
    ['3.11', '!=3.11.2', true],
    ['3.11', '^3.8', true],
    ['3.11', '^2.7', false],
    ['3.11', '~3.11', true],
    ['3.11', '<4.0', true],
    ['3.11', '*', true],
    ['18', '>=14 <20', true],
    ['18', '>= 20', false],
    ['18', '18.x', true],
    ['18', '16 || 18', true],
    ['18', '16 || 20', false],
    ['18', 'lts/*', null],
    ['18', '', null],
    ['18', '16 || lts/*', null],
  ])('%s meets %j: %s', (version, range, expected) => {
    expect(meets(version, range)).toBe(expected);
  });
});
