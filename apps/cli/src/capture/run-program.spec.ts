import { describe, expect, it } from 'vitest';
import { PROGRAM_LIMITS, runProgram } from './run-program.js';

describe('cli/capture/run-program', () => {
  it('gives what a program says, in English', async () => {
    expect(await runProgram('sh', ['-c', 'echo "$LC_ALL"'])).toEqual({ outcome: 'done', stdout: 'C\n' });
  });

  it.each([
    ['is not there', 'envarium-no-such-program', [], 'not installed here'],
    ['fails', 'sh', ['-c', 'echo first >&2; echo "it broke" >&2; exit 3'], 'ended with 3: it broke'],
    ['is killed', 'sh', ['-c', 'kill -9 $$'], 'ended with SIGKILL'],
  ])('says why a program that %s gave nothing', async (_, program, args, reason) => {
    expect(await runProgram(program, args)).toEqual({ outcome: 'failed', reason });
  });

  it('ends one that takes too long, with what it has started', async () => {
    const limits = { ...PROGRAM_LIMITS, milliseconds: 100 };

    expect(await runProgram('sh', ['-c', 'sleep 60 & echo started; wait'], limits)).toEqual({
      outcome: 'failed',
      reason: 'did not end within 0.1 s',
    });
  });

  it('ends one that does not stop talking', async () => {
    const limits = { ...PROGRAM_LIMITS, outputBytes: 1000 };

    expect(await runProgram('yes', [], limits)).toEqual({ outcome: 'failed', reason: 'says more than 1000 bytes' });
  });
});
