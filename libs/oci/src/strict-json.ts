/** Why two readers of the same bytes could understand different things, or none at all. */
export type JsonFault = 'encoding' | 'syntax' | 'depth' | 'duplicate-key';

export type JsonResult = { readonly value: unknown } | { readonly fault: JsonFault; readonly key?: string };

/** Far above any real document, far below what ends a recursive reader. */
const MAX_DEPTH = 64;

/**
 * Reads UTF-8 JSON that has exactly one meaning. `JSON.parse` keeps the last of two equal keys and other readers the first;
 * a document whose digest is archived must not depend on that (RFC 8259 section 4).
 */
export function parseStrictJson(bytes: Uint8Array): JsonResult {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { fault: 'encoding' };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'syntax' };
  }
  return findAmbiguity(text) ?? { value };
}

/** One pass over text that is known to be valid JSON, so that only brackets and strings need a look. */
function findAmbiguity(text: string): { fault: JsonFault; key?: string } | null {
  /** For each open bracket the keys seen in it; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) return { fault: 'depth' };
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === '"') {
      const end = endOfString(text, index);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        const key = String(JSON.parse(text.slice(index, end)));
        if (keys.has(key)) return { fault: 'duplicate-key', key };
        keys.add(key);
      }
      index = end - 1;
    }
  }
  return null;
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

function isKey(text: string, afterString: number): boolean {
  let index = afterString;
  while (text[index] === ' ' || text[index] === '\n' || text[index] === '\r' || text[index] === '\t') index += 1;
  return text[index] === ':';
}
