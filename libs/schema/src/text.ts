import { z } from 'zod';

/** Half a surrogate pair has no bytes: what is archived would differ from what was sent (RFC 7493 section 2.1). */
const LONE_SURROGATE = /\p{Cs}/u;
const UNSTORABLE = /[\0\p{Cs}]/u;

/** True when a text can stand in a row and in an archived document: PostgreSQL has no NUL. */
export function isStorableText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** A text for people: titles, names, commands. */
export function storableText(): z.ZodString {
  return z.string().refine(isStorableText, 'holds a NUL character or half of a surrogate pair');
}

/** The content of a file as a JSON string. NUL is a character like any other in a file. */
export function fileText(): z.ZodString {
  return z.string().refine((text) => !LONE_SURROGATE.test(text), 'holds half of a surrogate pair, which has no bytes');
}
