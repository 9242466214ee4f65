import type { z } from 'zod';
import { FormatError } from './format.js';
import { jsonEvidence, JsonObject, type JsonEvidence } from './json-evidence.js';
import { parseJson } from './text.js';

const MOST_CHARACTERS = 1024 * 1024;
/** How many levels of members are located. */
const DEPTH = 2;

/**
 * A document of ours, which says what it is: `"schema": "envarium-.../1"`.
 * @returns null when it is something else
 * @throws FormatError when it is that, and broken or of a version that is not known
 */
export function markedJson<T extends z.ZodType>(
  content: string,
  name: string,
  version: number,
  shape: T,
): { document: z.infer<T>; evidence: JsonEvidence } | null {
  if (!/^\s*\{/.test(content) || !content.includes(`"${name}/`)) return null;
  if (content.length > MOST_CHARACTERS) {
    throw new FormatError('limit-exceeded', `Such a document is read up to ${MOST_CHARACTERS} characters.`);
  }
  const document = JsonObject.safeParse(parseJson(content)).data;
  const schema = document?.['schema'];
  if (typeof schema !== 'string' || !schema.startsWith(`${name}/`)) return null;
  const evidence = jsonEvidence(content, DEPTH);
  if (schema !== `${name}/${version}`) {
    throw new FormatError('unsupported-option', `Only ${name}/${version} is read here.`, evidence.lineOf('schema'));
  }
  const read = shape.safeParse(document);
  if (read.success) return { document: read.data, evidence };
  const member = String(read.error.issues[0]?.path[0] ?? '');
  throw new FormatError('syntax-invalid', `"${member}" is not as it should be.`, evidence.lineOf(member));
}
