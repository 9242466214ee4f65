import type { EnvironmentSpec, ScopeKind } from '@envarium/schema';
import { FormatError } from '../format.js';
import { jsonEvidence } from '../json-evidence.js';
import { limits } from '../limits.js';
import { emptySpec } from '../spec.js';
import { parseJson } from '../text.js';
import { readComponent } from './component.js';
import { Bom, Component } from './schema.js';
import { parseBomXml } from './xml.js';

const KNOWN_VERSION = /^1\.[0-7]$/;
/** How many levels are located: nested components stand two deeper than what holds them. */
const LOCATED_LEVELS = 6;

type LineOf = (...keys: readonly (string | number)[]) => number | null;

export function extract(content: string): EnvironmentSpec | null {
  const xml = parseBomXml(content);
  if (xml !== null) return readBom(Bom.parse(xml), () => null);
  if (!/^\s*\{/.test(content) || !/"bomFormat"\s*:\s*"CycloneDX"/.test(content)) return null;
  const bom = Bom.safeParse(parseJson(content));
  if (!bom.success) return null;
  const evidence = jsonEvidence(content, LOCATED_LEVELS);
  const spec = readBom(bom.data, evidence.lineOf);
  spec.problems.push(...evidence.problems);
  return spec;
}

function readBom(bom: Bom, lineOf: LineOf): EnvironmentSpec {
  const spec = emptySpec('cyclonedx', 'language');
  if (!KNOWN_VERSION.test(bom.specVersion ?? '')) {
    const message = `CycloneDX ${bom.specVersion?.slice(0, 20) ?? 'without specVersion'} is not known; read like 1.6.`;
    spec.problems.push({ reason: 'unsupported-option', message, line: lineOf('specVersion') });
  }
  readComponents(bom.components ?? [], ['components'], spec, lineOf);
  spec.scope = scopeOf(bom, spec);
  return spec;
}

/** Recursive, but never deeper than `limits.nesting`: deeper documents were refused before. */
function readComponents(
  components: readonly unknown[],
  path: readonly (string | number)[],
  spec: EnvironmentSpec,
  lineOf: LineOf,
): void {
  for (const [index, value] of components.entries()) {
    const here = [...path, index];
    const line = lineOf(...here);
    const component = Component.safeParse(value);
    const read = component.success ? readComponent(component.data, line) : null;
    if (read === null) {
      spec.problems.push({ reason: 'name-invalid', message: `Component /${here.join('/')} has no name.`, line });
    } else {
      spec.packages.push(read.package);
      spec.problems.push(...read.problems);
      if (read.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
    }
    if (spec.packages.length > limits.packages) {
      throw new FormatError('limit-exceeded', `An SBOM is read up to ${limits.packages} components.`);
    }
    if (component.success) readComponents(component.data.components ?? [], [...here, 'components'], spec, lineOf);
  }
}

/** An SBOM of an image names it as its subject; packages of a distribution tell of a whole system. */
function scopeOf(bom: Bom, spec: EnvironmentSpec): ScopeKind {
  if (bom.metadata?.component?.type === 'container') return 'container';
  return spec.packages.some(({ ecosystem }) => ['deb', 'rpm', 'apk', 'alpm'].includes(ecosystem)) ? 'host' : 'language';
}
