import { MOST_DIGESTS } from '../foreign-facts.js';
import type { SpdxFacts } from './spdx-package.js';
import { Element, ExternalIdentifier, Hash } from './schema.js';

/** `software_Package`, `ai_AIPackage`, `dataset_DatasetPackage` */
const PACKAGE = /(?:^|_|\/)(?<kind>[A-Za-z]*)Package$/;

export type ElementById = ReadonlyMap<string, unknown>;

/** Elements may be named in place of being nested. */
export function byId(graph: readonly unknown[]): ElementById {
  const elements = new Map<string, unknown>();
  for (const value of graph) {
    const element = Element.safeParse(value).data;
    const id = element?.spdxId ?? element?.['@id'];
    if (id !== undefined) elements.set(id, value);
  }
  return elements;
}

export function isPackage(element: Element): boolean {
  return typesOf(element).some((type) => PACKAGE.test(type));
}

/** A package of SPDX 3.0. @returns null when it has no name */
export function readElement(element: Element, elements: ElementById, line: number | null): SpdxFacts | null {
  const { name } = element;
  if (name === undefined || name === '') return null;
  const identifiers = (element.externalIdentifier ?? []).slice(0, MOST_DIGESTS).flatMap((value) => {
    const identifier = ExternalIdentifier.safeParse(resolve(value, elements)).data;
    return identifier?.externalIdentifierType === 'packageUrl' ? [identifier.identifier] : [];
  });
  const checksums = (element.verifiedUsing ?? []).slice(0, MOST_DIGESTS).flatMap((value) => {
    // Other methods, as a verification code, are over several files.
    const hash = Hash.safeParse(resolve(value, elements)).data;
    return hash === undefined ? [] : [{ algorithm: hash.algorithm.replace('_', '-'), value: hash.hashValue }];
  });
  return {
    name,
    version: element.software_packageVersion,
    downloadLocation: element.software_downloadLocation,
    purpose: purposeOf(element),
    purls: [
      ...new Set([...(element.software_packageUrl === undefined ? [] : [element.software_packageUrl]), ...identifiers]),
    ],
    checksums,
    line,
  };
}

function purposeOf(element: Element): string | undefined {
  const purpose = element.software_primaryPurpose?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (purpose !== undefined) return purpose;
  const kinds = typesOf(element).map((type) => PACKAGE.exec(type)?.groups?.['kind']?.toLowerCase());
  return kinds.find((kind) => kind !== undefined && kind !== '');
}

function typesOf(element: Element): readonly string[] {
  return element.type ?? element['@type'] ?? [];
}

function resolve(value: unknown, elements: ElementById): unknown {
  return typeof value === 'string' ? elements.get(value) : value;
}
