import type { OutputTolerance } from '@envarium/schema';
import type { Finding } from './finding.js';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d{16,}$/;
const NOT_FINITE: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Infinity,
  infinity: Infinity,
};

/** A number as programs print it, NaN and Inf included; null: it is text. */
export function readNumber(text: string): number | null {
  if (DECIMAL.test(text)) return Number(text);
  const { sign, word } = /^(?<sign>[+-]?)(?<word>[a-z]+)$/i.exec(text)?.groups ?? {};
  const value = word === undefined ? undefined : NOT_FINITE[word.toLowerCase()];
  if (value === undefined) return null;
  return sign === '-' ? -value : value;
}

/** Integers of so many digits are not told apart by a floating-point number: they are compared as they are. */
export function isLongInteger(text: string): boolean {
  return INTEGER.test(text);
}

interface Largest {
  readonly size: number;
  readonly place: string;
  readonly before: string;
  readonly after: string;
}

/** Counts pairs of numbers, and keeps the largest difference and its place. */
export class NumberDifferences {
  private compared = 0;
  private differing = 0;
  private beyond = 0;
  private largest: Largest | null = null;
  private isLargestBeyond = false;

  constructor(private readonly tolerance: OutputTolerance) {}

  /** @param place called only where the difference is the largest yet */
  add(before: number, after: number, place: () => string): void {
    this.compared++;
    if (before === after || (Number.isNaN(before) && Number.isNaN(after))) return;
    // Against NaN, and between infinities, no distance is small.
    const size = Number.isFinite(before) && Number.isFinite(after) ? Math.abs(before - after) : Infinity;
    const { absolute, relative } = this.tolerance;
    const allowed = Math.max(absolute, relative * Math.max(Math.abs(before), Math.abs(after)));
    this.keep(size, Number.isFinite(size) && size <= allowed, { place, before: String(before), after: String(after) });
  }

  /** As `add`, of integers that a floating-point number cannot hold. */
  addLong(before: string, after: string, place: () => string): void {
    this.compared++;
    const distance = BigInt(unsigned(before)) - BigInt(unsigned(after));
    if (distance === 0n) return;
    const size = Math.abs(Number(distance));
    const { absolute, relative } = this.tolerance;
    const allowed = Math.max(absolute, relative * Math.max(Math.abs(Number(before)), Math.abs(Number(after))));
    this.keep(size, size <= allowed, { place, before, after });
  }

  finding(): Finding {
    return { how: 'numbers', isWithin: this.beyond === 0, detail: this.detail() };
  }

  /** What is beyond the tolerance is told before what is within it, whatever its size. */
  private keep(size: number, isWithin: boolean, pair: { place: () => string; before: string; after: string }): void {
    this.differing++;
    if (!isWithin) this.beyond++;
    const isFirstBeyond = !isWithin && !this.isLargestBeyond;
    if (!isFirstBeyond && (isWithin === this.isLargestBeyond || size <= (this.largest?.size ?? -1))) return;
    this.largest = { size, place: pair.place(), before: pair.before, after: pair.after };
    this.isLargestBeyond = !isWithin;
  }

  private detail(): string {
    if (this.largest === null) return `${this.compared} numbers are equal; they are only written differently`;
    const { size, place, before, after } = this.largest;
    const count = `${this.differing} of ${this.compared} numbers differ, ${this.beyond} of them beyond the tolerance`;
    const distance = Number.isFinite(size) ? ` by ${Number(size.toPrecision(3))}` : '';
    return `${count}; most${distance} at ${place}: ${before} became ${after}`;
  }
}

function unsigned(text: string): string {
  return text.startsWith('+') ? text.slice(1) : text;
}
