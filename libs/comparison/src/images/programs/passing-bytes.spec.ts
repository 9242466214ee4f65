import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PassingBytes } from './passing-bytes.js';

const FILE = Buffer.from(Array.from({ length: 64 }, (_, index) => index));

describe('comparison/images/programs/passing-bytes', () => {
  it('keeps what was asked for before it passed', () => {
    const bytes = new PassingBytes(100);
    bytes.keep(10, 4);

    bytes.push(FILE.subarray(0, 12));
    const early = bytes.read(10, 4);
    bytes.push(FILE.subarray(12));

    expect(early).toBeNull();
    expect([...(bytes.read(10, 4) ?? [])]).toEqual([10, 11, 12, 13]);
    expect([...(bytes.read(11, 2) ?? [])]).toEqual([11, 12]);
    expect(bytes.read(9, 2)).toBeNull();
  });

  it('takes from the chunk at hand, and from what is kept, and knows what is gone', () => {
    const bytes = new PassingBytes(100);
    bytes.keep(0, 4);
    bytes.push(FILE.subarray(0, 8));
    bytes.push(FILE.subarray(8, 16));

    expect([bytes.keep(9, 10), bytes.keep(2, 2), bytes.keep(2, 4), bytes.keep(5, 2)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    bytes.push(FILE.subarray(16));
    expect([...(bytes.read(9, 10) ?? [])]).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
  });

  it('keeps no more than it may, and nothing where no file reaches', () => {
    const bytes = new PassingBytes(10);

    expect([bytes.keep(0, 11), bytes.keep(2 ** 60, 1), bytes.keep(0, 10), bytes.keep(0, 1)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it('never gives other bytes than those of the file, however it is cut', () => {
    const wish = fc.record({ before: fc.nat(8), from: fc.nat(80), length: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 })), fc.array(wish), (sizes, wishes) => {
        const bytes = new PassingBytes(200);
        const promised = new Set<(typeof wishes)[number]>();
        let at = 0;
        for (const [index, size] of [...sizes, 64].entries()) {
          for (const each of wishes)
            if (each.before === index && bytes.keep(each.from, each.length)) promised.add(each);
          bytes.push(FILE.subarray(at, at + size));
          at += size;
        }

        for (const each of wishes) {
          const kept = bytes.read(each.from, each.length);
          const end = each.from + each.length;
          if (kept !== null) expect([...kept]).toEqual([...FILE.subarray(each.from, end)]);
          else expect(promised.has(each) && end <= FILE.length).toBe(false);
        }
      }),
    );
  });
});
