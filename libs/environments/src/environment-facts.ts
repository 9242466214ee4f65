import { isNumberVariable } from '@envarium/formats';
import type { EnvironmentFacts, EnvironmentScope, Evidence, ManifestNumerics, ScopeFacts } from '@envarium/schema';
import { libraryText, programText } from './numeric-text.js';
import { systemText } from './operating-system.js';

/** What of each scope is shown; the manifest has all of it. */
const MOST_VARIABLES = 100;
const MOST_VALUE = 1000;
const MOST_NUMERICS = 20;
const MOST_LIBRARIES = 50;
const MOST_FEATURES = 300;
/** Libraries, and characters of a value, in a sentence. */
const LIBRARIES_NAMED = 8;
const VALUE_SHOWN = 100;
/** Places named in a sentence. */
const MOST_PLACES = 3;

/** What a manifest says beside packages: systems, libraries that compute, variables that change numbers. */
export function scopeFactsOf(
  scopes: readonly Omit<EnvironmentScope, 'packages'>[],
  { source, platform }: Pick<ScopeFacts, 'source' | 'platform'>,
): ScopeFacts[] {
  return scopes
    .map(({ kind, path, operatingSystem, container, numerics = [], variables }) => ({
      source,
      platform,
      scope: kind,
      path: path ?? null,
      operatingSystem: operatingSystem ?? null,
      container: container ?? null,
      numerics: numerics.slice(0, MOST_NUMERICS).map((each) => ({
        ...each,
        libraries: each.libraries.slice(0, MOST_LIBRARIES),
        cpuFeatures: each.cpuFeatures.slice(0, MOST_FEATURES),
      })),
      variables: variables
        .filter(({ name, value }) => isNumberVariable(name) && value.length <= MOST_VALUE)
        .slice(0, MOST_VARIABLES),
    }))
    .filter(saysSomething);
}

function saysSomething({ operatingSystem, container, numerics, variables }: ScopeFacts): boolean {
  return operatingSystem !== null || container !== null || numerics.length + variables.length > 0;
}

/** With the sentences that people read. */
export function environmentFactsOf(scopes: readonly ScopeFacts[]): EnvironmentFacts {
  return {
    statements: [
      ...scopes.flatMap(numericStatements),
      ...scopes.flatMap(variableStatements),
      ...scopes.flatMap(systemStatements),
    ],
    scopes: [...scopes],
  };
}

function numericStatements(scope: ScopeFacts): string[] {
  return scope.numerics.flatMap((each) => {
    const { program, version, libraries, cpus, evidence } = each;
    if (libraries.length === 0) return [];
    const name = [programText(program), version].filter(Boolean).join(' ');
    const may = cpus === null ? '' : `, on ${cpus === 1 ? 'one CPU' : `up to ${cpus} CPUs`}`;
    const named = libraries.slice(0, LIBRARIES_NAMED).map(libraryStatement);
    const rest = libraries.length > named.length ? [`and ${libraries.length - named.length} more`] : [];
    return [`${name} had loaded ${[...named, ...rest].join('; ')}${may}${placesOf(evidence)}.`];
  });
}

function libraryStatement(library: ManifestNumerics['libraries'][number]): string {
  const { coreType, threads, threadingLayer } = library;
  const details = [
    coreType === null ? null : `core type ${coreType}`,
    threads === null ? null : threads === 1 ? 'one thread' : `up to ${threads} threads`,
    threadingLayer === null ? null : `threading by ${threadingLayer}`,
  ].filter((detail) => detail !== null);
  return details.length === 0 ? libraryText(library) : `${libraryText(library)} with ${details.join(', ')}`;
}

function variableStatements(scope: ScopeFacts): string[] {
  if (scope.variables.length === 0) return [];
  const set = scope.variables.map(({ name, value }) => `${name}=${shown(value)}`).join(', ');
  const evidence = scope.variables.flatMap((each) => each.evidence);
  return [`Set for the ${placeOf(scope)}, and able to change numbers: ${set}${placesOf(evidence)}.`];
}

function shown(value: string): string {
  return value.length > VALUE_SHOWN ? `${value.slice(0, VALUE_SHOWN)}...` : value;
}

function systemStatements(scope: ScopeFacts): string[] {
  const { operatingSystem, container } = scope;
  const statements: string[] = [];
  if (container !== null) {
    const image = container.image === null ? '' : `, of the image ${container.image}`;
    statements.push(`The ${placeOf(scope)} was run by ${container.engine}${image}${placesOf(container.evidence)}.`);
  }
  if (operatingSystem !== null) {
    const { kernel, evidence } = operatingSystem;
    const behind = kernel === undefined ? '' : `, kernel ${kernel}`;
    statements.push(
      `The system of the ${placeOf(scope)} is ${systemText(operatingSystem)}${behind}${placesOf(evidence)}.`,
    );
  }
  return statements;
}

const SCOPES = { host: 'host', container: 'container', language: 'language environment' } as const;

function placeOf({ scope, source, platform, path }: ScopeFacts): string {
  const where = path === null ? SCOPES[scope] : `${SCOPES[scope]} ${path}`;
  if (source !== 'image') return where;
  return `${where} in the image${platform === null ? '' : ` for ${platform}`}`;
}

function placesOf(evidence: readonly Evidence[]): string {
  const files = [...new Set(evidence.map(({ file }) => file))];
  if (files.length === 0) return '';
  const shown = files.slice(0, MOST_PLACES).join(', ');
  return files.length > MOST_PLACES ? ` (${shown}, ...)` : ` (${shown})`;
}
