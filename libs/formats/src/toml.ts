import { parse, TomlError } from 'smol-toml';
import { FormatError } from './format.js';
import { JsonObject } from './json-evidence.js';
import { limits } from './limits.js';
import { scanToml } from './toml-scan.js';

export type TomlTable = Readonly<Record<string, unknown>>;

export interface TomlDocument {
  readonly root: TomlTable;
  /** 1-based line of the member reached by these keys and indexes; null when it is not located */
  readonly lineOf: (...keys: readonly (string | number)[]) => number | null;
}

/**
 * A TOML document with positions. Tables have no prototype, so that no key is special.
 *
 * @param depth how deep members are located; an element of an array is a level of its own
 * @throws FormatError with the line of the fault
 */
export function parseToml(text: string, depth: number): TomlDocument {
  const lines = scanToml(text, depth);
  const root = parseTables(text);
  return { root, lineOf: (...keys) => lines.get(keys.map((key) => `/${escapePointer(String(key))}`).join('')) ?? null };
}

/**
 * A document that may be of a format.
 *
 * @param isCertain whether name or content leave no doubt: then a fault is a fault of that format
 * @returns null when it is no TOML and may as well be something else
 */
export function parseTomlOrNull(text: string, depth: number, isCertain: boolean): TomlDocument | null {
  try {
    return parseToml(text, depth);
  } catch (error) {
    if (error instanceof FormatError && !isCertain) return null;
    throw error;
  }
}

/** The tables of an array, each with its index; what is no table is left out. */
export function tablesOf(value: unknown): { table: TomlTable; index: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown, index) => {
    const table = tableOf(each);
    return table === null ? [] : [{ table, index }];
  });
}

export function tableOf(value: unknown): TomlTable | null {
  return value instanceof Date ? null : (JsonObject.safeParse(value).data ?? null);
}

function parseTables(text: string): TomlTable {
  try {
    return parse(text, { maxDepth: limits.nesting });
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // The rest of its message quotes the file.
    const [, fault = 'not valid'] = /^Invalid TOML document: ([^\n]*)/.exec(cause.message) ?? [];
    const message = `The TOML text is wrong in line ${cause.line}: ${fault}.`;
    throw new FormatError('syntax-invalid', message, cause.line, { cause });
  }
}

/** RFC 6901, section 3. */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
