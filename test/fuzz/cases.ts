import { damaged, noise } from './damage.js';
import { Random } from './random.js';
import type { Sample } from './samples.js';

/** Every so many cases one has nothing to do with a sample. */
const NOISE_EACH = 10;

/** The case of this number: the same for the same seed and samples, whatever was asked before. */
export function fuzzCase(seed: number, index: number, samples: readonly Sample[]): Sample {
  const random = new Random(Math.imul(seed, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b));
  const [first, ...others] = samples;
  if (first === undefined || index % NOISE_EACH === 0) return { path: 'noise', bytes: noise(random) };
  const sample = random.pick([first, ...others]);
  return { path: sample.path, bytes: damaged(sample.bytes, random, random.pick([first, ...others]).bytes) };
}
