import type { VNode } from 'preact';

const UNITS = ['byte', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 1536 -> "1.5 KiB" */
export function readableSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? count(bytes, 'byte') : `${value.toFixed(1)} ${UNITS[unit]}`;
}

/** "1 package", "3,001 packages" */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** A day in UTC; the exact moment stays in the markup. */
export function Day({ at }: { at: string }): VNode {
  return (
    <time dateTime={at} title={at}>
      {at.slice(0, 10)}
    </time>
  );
}

/** Whole, since people compare and paste it; it may break anywhere. */
export function Digest({ value }: { value: string }): VNode {
  return <code class="digest">{value}</code>;
}

/** Somebody else's text: isolated, so that right-to-left characters in it cannot reorder ours. */
export function Foreign({ text }: { text: string }): VNode {
  return <bdi>{text}</bdi>;
}
