import { describe, expect, it } from 'vitest';
import { printable } from './job-display.js';

describe('cli/jobs/job-display', () => {
  it.each([
    ['\u001B[1;32mok\u001B[0m', 'ok'],
    ['\u001B]0;title\u0007text', ']0;titletext'],
    ['10%\r20%', '10%20%'],
    ['a\tb é', 'a\tb é'],
  ])('makes %j harmless', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});
