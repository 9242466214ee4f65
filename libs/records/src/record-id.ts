import { randomInt } from 'node:crypto';

/** Crockford's base32: no i, l, o, u, so that an identifier survives print and telephone. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_LENGTH = 7;
const SHAPE = /^env-[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}$/;

/** A new identifier as in `env-3k7q-9w2x`: opaque, without author, journal or version; the last character checks the rest. */
export function newRecordId(): string {
  let digits = '';
  for (let i = 0; i < RANDOM_LENGTH; i++) digits += ALPHABET[randomInt(ALPHABET.length)];
  return format(digits + checkCharacter(digits));
}

/** True when the text is an identifier of ours without a typing error. */
export function isRecordId(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  const digits = text.slice(4).replace('-', '');
  return checkCharacter(digits.slice(0, RANDOM_LENGTH)) === digits[RANDOM_LENGTH];
}

function format(characters: string): string {
  return `env-${characters.slice(0, 4)}-${characters.slice(4)}`;
}

/** Weighted sum modulo 32 with odd weights: every single wrong character changes it. */
function checkCharacter(digits: string): string {
  let sum = 0;
  for (const [i, digit] of digits.split('').entries()) sum += (2 * i + 1) * ALPHABET.indexOf(digit);
  return ALPHABET[sum % ALPHABET.length] ?? '0';
}
