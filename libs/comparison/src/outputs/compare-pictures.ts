import type { OutputTolerance } from '@envarium/schema';
import { type Finding, percentage } from './finding.js';
import { readPng } from './read-png.js';

/** Pixel by pixel, whatever else the two files say about themselves. @throws Unreadable */
export function comparePictures(before: Uint8Array, after: Uint8Array, tolerance: OutputTolerance): Finding {
  const [left, right] = [readPng(before), readPng(after)];
  if (left.width !== right.width || left.height !== right.height) {
    const detail = `${left.width} x ${left.height} pixels became ${right.width} x ${right.height}`;
    return { how: 'pixels', isWithin: false, detail };
  }
  const total = left.width * left.height;
  let differing = 0;
  let largest = 0;
  let place = 0;
  const [from, to] = [new Uint16Array(4), new Uint16Array(4)];
  for (let pixel = 0; pixel < total; pixel++) {
    left.read(pixel, from);
    right.read(pixel, to);
    const size = distance(from, to);
    if (size === 0) continue;
    differing++;
    if (size <= largest) continue;
    largest = size;
    place = pixel;
  }
  if (differing === 0) return { how: 'pixels', isWithin: true, detail: `all ${total} pixels are equal` };
  const share = differing / total;
  const at = `x ${place % left.width}, y ${Math.floor(place / left.width)}`;
  const detail = `${differing} of ${total} pixels differ (${percentage(share)}); most by ${percentage(largest / 65535)} of full scale at ${at}`;
  return { how: 'pixels', isWithin: share <= tolerance.pixels, detail };
}

/** The largest difference of one of the four numbers of a pixel. Of what cannot be seen at all, the colour is no matter. */
function distance(before: Uint16Array, after: Uint16Array): number {
  if (before[3] === 0 && after[3] === 0) return 0;
  let largest = 0;
  for (let part = 0; part < 4; part++) {
    largest = Math.max(largest, Math.abs((before[part] ?? 0) - (after[part] ?? 0)));
  }
  return largest;
}
