import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { comparePictures } from './compare-pictures.js';
import { Unreadable } from './finding.js';

const EXACT = { relative: 0, absolute: 0, pixels: 0 };
const GREY = 0;
const COLOUR = 2;
const INDEXED = 3;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

interface Parts {
  readonly width?: number;
  readonly height?: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly before?: readonly Buffer[];
  readonly filter?: number;
  readonly lines: readonly (readonly number[])[];
}

function png({ width = 2, height = 2, depth = 8, colour = COLOUR, before = [], filter = 0, lines }: Parts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(depth, 8);
  header.writeUInt8(colour, 9);
  const raw = Buffer.from(lines.flatMap((line) => [filter, ...line]));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...before,
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const RED_BLUE = [
  [255, 0, 0, 0, 0, 255],
  [255, 0, 0, 0, 0, 255],
];

describe('comparison/outputs/compare-pictures', () => {
  it('does not mind notes about the picture', () => {
    const noted = png({ lines: RED_BLUE, before: [chunk('tEXt', Buffer.from('Software\0another version'))] });

    expect(comparePictures(png({ lines: RED_BLUE }), noted, EXACT)).toEqual({
      how: 'pixels',
      isWithin: true,
      detail: 'all 4 pixels are equal',
    });
  });

  it('compares colours, not how they are stored', () => {
    const palette = chunk('PLTE', Buffer.from([255, 0, 0, 0, 0, 255]));
    const indexed = png({ depth: 1, colour: INDEXED, before: [palette], lines: [[0b01000000], [0b01000000]] });
    const grey = png({ depth: 4, colour: GREY, lines: [[0x0f], [0xf0]] });
    const sameGrey = png({
      depth: 8,
      colour: GREY,
      lines: [
        [0, 255],
        [255, 0],
      ],
    });

    expect(comparePictures(png({ lines: RED_BLUE }), indexed, EXACT).detail).toBe('all 4 pixels are equal');
    expect(comparePictures(grey, sameGrey, EXACT).detail).toBe('all 4 pixels are equal');
  });

  it('does not mind the colour of what is invisible', () => {
    const hidden = (red: number): Buffer => png({ width: 1, height: 1, colour: 6, lines: [[red, 0, 0, 0]] });

    expect(comparePictures(hidden(255), hidden(0), EXACT).isWithin).toBe(true);
  });

  it('says how many pixels differ, how much, and where', () => {
    const other = png({
      lines: [
        [255, 0, 0, 0, 0, 255],
        [255, 0, 0, 0, 0, 204],
      ],
    });

    expect(comparePictures(png({ lines: RED_BLUE }), other, { ...EXACT, pixels: 0.2 })).toEqual({
      how: 'pixels',
      isWithin: false,
      detail: '1 of 4 pixels differ (25 %); most by 20 % of full scale at x 1, y 1',
    });
    expect(comparePictures(png({ lines: RED_BLUE }), other, { ...EXACT, pixels: 0.25 }).isWithin).toBe(true);
  });

  it('says that the size is another', () => {
    const taller = png({ height: 3, lines: [...RED_BLUE, [0, 0, 0, 0, 0, 0]] });

    expect(comparePictures(png({ lines: RED_BLUE }), taller, { ...EXACT, pixels: 1 })).toEqual({
      how: 'pixels',
      isWithin: false,
      detail: '2 x 2 pixels became 2 x 3',
    });
  });

  it.each([
    ['more pixels than are read', png({ width: 65_535, height: 65_535, lines: RED_BLUE })],
    ['no width', png({ width: 0, lines: RED_BLUE })],
    ['a few bytes that unpack to many', png({ lines: [Array.from({ length: 1_000_000 }, () => 0)] })],
    ['lines that are missing', png({ height: 9, lines: RED_BLUE })],
    [
      'a colour that the palette lacks',
      png({
        colour: INDEXED,
        before: [chunk('PLTE', Buffer.from([1, 2, 3]))],
        lines: [
          [0, 9],
          [0, 0],
        ],
      }),
    ],
    ['an unknown filter', png({ filter: 9, lines: RED_BLUE })],
    ['a second header', png({ lines: RED_BLUE, before: [chunk('IHDR', Buffer.alloc(13))] })],
    ['an animation', png({ lines: RED_BLUE, before: [chunk('acTL', Buffer.alloc(8))] })],
    ['a length beyond the end', png({ lines: RED_BLUE }).fill(0xff, 33, 37)],
    ['nothing but a signature', Buffer.from('89504e470d0a1a0a', 'hex')],
  ])('does not read %s', (_, hostile) => {
    expect(() => comparePictures(png({ lines: RED_BLUE }), hostile, EXACT)).toThrow(Unreadable);
  });
});
