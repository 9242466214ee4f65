import { limits } from './limits.js';

/** Where a JSON text breaks the grammar of RFC 8259, or goes deeper than is read. */
export interface JsonFault {
  readonly kind: 'syntax' | 'nesting';
  readonly line: number;
}

interface Level {
  readonly closing: '}' | ']';
  readonly pointer: string;
  index: number;
}

const TOKEN = /[ \t\r]+|\n|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:"]/y;
// oxlint-disable-next-line no-control-regex -- RFC 8259, section 7: control characters may not stand in a string
const STRING_STOP = /["\\\u0000-\u001f]/g;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Reads the tokens of a JSON text in one pass. JSON.parse tells neither the line of a fault nor where a member stands;
 * this tells both, and refuses deep nesting before anything recursive sees it.
 *
 * @param depth how deep members are located; 0 locates none
 * @param onRepeat told of a located member whose name stands twice in its object
 * @returns the first fault, or the 1-based lines of members by JSON Pointer (RFC 6901)
 */
export function scanJson(
  text: string,
  depth: number,
  onRepeat?: (pointer: string, line: number) => void,
): JsonFault | ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const levels: Level[] = [];
  let line = 1;
  let expected: 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing' = 'value';
  let pointer = '';
  TOKEN.lastIndex = 0;

  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    let token = TOKEN.exec(text)?.[0];
    if (token === '"') {
      token = readString(text, start);
      TOKEN.lastIndex = start + (token?.length ?? 0);
    }
    if (token === undefined) return { kind: 'syntax', line };
    const first = token.charAt(0);
    if (first === '\n') line += 1;
    if (first === '\n' || first === ' ' || first === '\t' || first === '\r') continue;
    const level = levels.at(-1);

    if ((first === '}' || first === ']') && level !== undefined) {
      const mayEnd = expected === 'comma-or-end' || expected === (first === '}' ? 'key-or-end' : 'value-or-end');
      if (first !== level.closing || !mayEnd) return { kind: 'syntax', line };
      levels.pop();
      expected = levels.length === 0 ? 'nothing' : 'comma-or-end';
    } else if (expected === 'colon' && first === ':') {
      expected = 'value';
    } else if (expected === 'comma-or-end' && first === ',' && level !== undefined) {
      expected = level.closing === '}' ? 'key' : 'value';
    } else if ((expected === 'key' || expected === 'key-or-end') && first === '"' && level !== undefined) {
      if (levels.length <= depth) {
        pointer = `${level.pointer}/${escapePointer(token)}`;
        if (lines.has(pointer)) onRepeat?.(pointer, line);
        lines.set(pointer, line);
      }
      expected = 'colon';
    } else if ((expected === 'value' || expected === 'value-or-end') && !':,}]'.includes(first)) {
      if (level?.closing === ']' && levels.length <= depth) {
        pointer = `${level.pointer}/${level.index}`;
        lines.set(pointer, line);
        level.index += 1;
      }
      if (first === '{' || first === '[') {
        if (levels.length === limits.nesting) return { kind: 'nesting', line };
        levels.push({ closing: first === '{' ? '}' : ']', pointer: levels.length <= depth ? pointer : '', index: 0 });
        expected = first === '{' ? 'key-or-end' : 'value-or-end';
      } else {
        expected = levels.length === 0 ? 'nothing' : 'comma-or-end';
      }
    } else {
      return { kind: 'syntax', line };
    }
  }
  return expected === 'nothing' ? lines : { kind: 'syntax', line };
}

/** The string token that starts at `start`. One pattern for a whole string would exhaust the stack on long strings. */
function readString(text: string, start: number): string | undefined {
  STRING_STOP.lastIndex = start + 1;
  for (let stop = STRING_STOP.exec(text); stop !== null; stop = STRING_STOP.exec(text)) {
    if (stop[0] === '"') return text.slice(start, STRING_STOP.lastIndex);
    if (stop[0] !== '\\') return undefined;
    ESCAPE.lastIndex = stop.index;
    if (!ESCAPE.test(text)) return undefined;
    STRING_STOP.lastIndex = ESCAPE.lastIndex;
  }
  return undefined;
}

function escapePointer(token: string): string {
  const key = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
