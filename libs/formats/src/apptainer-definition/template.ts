import type { DefinitionStage } from './stages.js';

export interface Filled {
  readonly text: string;
  /** variables that are given when the image is built */
  readonly unknown: readonly string[];
}

const VARIABLE = /\{\{\s{0,40}(\w+)\s{0,40}\}\}/g;
/** Values built of values: only one level is put in, as Apptainer does. */
const MOST_CHARACTERS = 4096;

/** Defaults of `{{ NAME }}`, which each stage states for itself. */
export function defaultsOf({ sections }: DefinitionStage): Map<string, string> {
  const defaults = new Map<string, string>();
  for (const { name, body } of sections) {
    if (name !== 'arguments') continue;
    for (const line of body) {
      const equals = line.indexOf('=');
      const key = line.slice(0, Math.max(equals, 0)).trim();
      if (key !== '' && !key.startsWith('#')) defaults.set(key, line.slice(equals + 1).trim());
    }
  }
  return defaults;
}

/** https://apptainer.org/docs/user/main/definition_files.html#templating-how-to-pass-values-into-definition-files */
export function fillTemplate(text: string, defaults: ReadonlyMap<string, string>): Filled {
  const unknown = new Set<string>();
  const put = (whole: string, name: string, level: number): string => {
    const value = defaults.get(name);
    if (value === undefined || level > 1) {
      unknown.add(name);
      return whole;
    }
    return value.replace(VARIABLE, (inner: string, innerName: string) => put(inner, innerName, level + 1));
  };
  const filled = text.replace(VARIABLE, (whole: string, name: string) => put(whole, name, 0));
  if (filled.length > MOST_CHARACTERS && filled.length > text.length) return { text, unknown: ['(too long)'] };
  return { text: filled, unknown: [...unknown] };
}
