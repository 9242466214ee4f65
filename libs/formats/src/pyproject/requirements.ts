import type { EnvironmentSpec } from '@envarium/schema';
import { isMarker } from '../pip-requirements/marker.js';
import { requirementPackage } from '../pip-requirements/packages.js';
import { parseRequirement, type Requirement } from '../pip-requirements/requirement.js';
import { limits } from '../limits.js';
import { tableOf, type TomlDocument } from '../toml.js';

/** One table or list of a document, and what is made of it. */
export interface Part {
  readonly document: TomlDocument;
  readonly spec: EnvironmentSpec;
  /** keys that lead to it */
  readonly keys: readonly string[];
}

/** Adds a list of dependency specifiers (PEP 508), each with the place of the list as its group. */
export function readRequirements(value: unknown, { document, spec, keys }: Part): void {
  if (value === undefined) return;
  const group = keys.join('.');
  const lineOfPart = document.lineOf(...keys);
  if (!Array.isArray(value) || group.length > limits.repeatedCharacters) {
    spec.problems.push({ reason: 'syntax-invalid', message: `${group.slice(0, 80)} is no list.`, line: lineOfPart });
    return;
  }
  for (const [index, text] of value.entries()) {
    const line = document.lineOf(...keys, index) ?? lineOfPart;
    // `{ include-group = "test" }`: what it names stands in this file too.
    if (tableOf(text)?.['include-group'] !== undefined) continue;
    const requirement = typeof text === 'string' && text.length <= limits.lineCharacters ? parsePep508(text) : null;
    if (requirement === null) {
      const message = `An entry of ${group} is no dependency specifier.`;
      spec.problems.push({ reason: 'syntax-invalid', message, line });
      continue;
    }
    const first = spec.packages.length;
    requirementPackage(requirement, { spec, line: line ?? 1, pinned: 'declared', hashes: [] });
    for (const found of spec.packages.slice(first)) {
      found.group = group;
      found.line = line;
    }
  }
}

/** An address may hold a semicolon: there, a marker begins behind a blank. */
export function parsePep508(text: string): Requirement | null {
  const isAddressed = /^[^;]*@/.test(text);
  const at = text.indexOf(isAddressed ? ' ;' : ';');
  const marker = at === -1 ? '' : text.slice(at).replace(/^ ?;/, '').trim();
  if (marker !== '' && !isMarker(marker)) return null;
  return parseRequirement(at === -1 ? text.trim() : text.slice(0, at).trim(), marker || null);
}
