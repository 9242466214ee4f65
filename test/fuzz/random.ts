/** A source of numbers that is the same on every machine: a linear congruential generator, whose high bits are used. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed & 0x7fff_ffff;
    // Neighbouring seeds start alike.
    for (let round = 0; round < 4; round += 1) this.below(2);
  }

  /** An integer from 0 up to, and without, `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor(((this.#state >>> 7) / 0x0100_0000) * limit);
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}
