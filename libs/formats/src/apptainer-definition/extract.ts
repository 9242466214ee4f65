import type { EnvironmentSpec } from '@envarium/schema';
import { isPackageFile } from '../dockerfile/copied-files.js';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { redactUrl } from '../redact.js';
import { noteScriptSecrets } from '../script-secrets.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLines } from '../text.js';
import { AGENTS, baseOf, MIRROR_AGENTS } from './base-image.js';
import { readEnvironment } from './environment.js';
import { readStages, type DefinitionStage, type Section } from './stages.js';
import { defaultsOf, fillTemplate } from './template.js';

export const FILE_NAME = /^(?:Singularity|Apptainer)(?:[._-][\w.-]+)?$|\.def$/;

const MOST_CHARACTERS = 1024 * 1024;
const BOOTSTRAP = /^[ \t]*bootstrap[ \t]*:[ \t]*([\w-]+|\{\{)/im;
/** Keys of Singularity 1.x and 2.0, which wrote them without a colon. */
const OLD_HEADER = /^[ \t]*(?:DistType|BootDef|InstallPkgs|RunCmd)\b/im;
const SECTION =
  /^[ \t]*%(?:help|setup|files|labels|environment|pre|post|runscript|startscript|test|arguments|app(?:install|labels|files|env|test|help|run|start))\b/gim;
const KNOWN_SECTION =
  /^(?:help|setup|files|labels|environment|pre|post|runscript|startscript|test|arguments|app(?:install|labels|files|env|test|help|run|start))$/;

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!isDefinition(content, path.slice(path.lastIndexOf('/') + 1))) return null;
  const lines = splitLines(content);
  const longLine = lines.findIndex((line) => line.length > limits.lineCharacters);
  if (content.length > MOST_CHARACTERS || longLine !== -1) {
    const message = `A definition is read up to ${MOST_CHARACTERS} characters and ${limits.lineCharacters} in a line.`;
    throw new FormatError('limit-exceeded', message, longLine === -1 ? null : longLine + 1);
  }
  const spec = emptySpec('apptainer-definition', 'container');
  let variables = new Map<string, string>();
  for (const [index, stage] of readStages(lines).entries()) variables = readStage(stage, index, spec);
  // The image is made of the last stage.
  spec.variables = [...variables].map(([name, value]) => ({ name, value }));
  return spec;
}

function isDefinition(content: string, baseName: string): boolean {
  const agent = BOOTSTRAP.exec(content)?.[1]?.toLowerCase();
  if (agent !== undefined && (agent === '{{' || AGENTS.has(agent))) return true;
  const isNamed = FILE_NAME.test(baseName);
  if (agent !== undefined && isNamed) return true;
  const sections = new Set(Array.from(content.slice(0, MOST_CHARACTERS).matchAll(SECTION), ([name]) => name.trim()));
  return sections.size > 0 && (OLD_HEADER.test(content) || (isNamed && sections.size > 1));
}

function readStage(stage: DefinitionStage, index: number, spec: EnvironmentSpec): Map<string, string> {
  const defaults = defaultsOf(stage);
  readBase(stage, defaults, index, spec);
  let variables = new Map<string, string>();
  for (const section of stage.sections) {
    if (!KNOWN_SECTION.test(section.name)) {
      const message = 'The line starts no section that is known.';
      spec.problems.push({ reason: 'syntax-invalid', message, line: section.line });
    }
    if (section.name === 'files' || section.name === 'appfiles') readFiles(section, defaults, spec);
    // What stands in it twice is run twice, in order.
    if (section.name === 'environment') {
      variables = new Map([...variables, ...readEnvironment(section, defaults, spec)]);
    } else noteScriptSecrets(section.body, section.line + 1, spec);
  }
  return variables;
}

function readBase(
  stage: DefinitionStage,
  defaults: ReadonlyMap<string, string>,
  index: number,
  spec: EnvironmentSpec,
): void {
  const bootstrap = stage.header.get('bootstrap');
  if (bootstrap === undefined) {
    const line = [...stage.header.values()][0]?.line ?? stage.sections[0]?.line ?? 1;
    throw new FormatError('syntax-invalid', `The header in line ${line} names no Bootstrap agent.`, line);
  }
  const unknown = new Set<string>();
  const field = (key: string): string => {
    const filled = fillTemplate(stage.header.get(key)?.value ?? '', defaults);
    for (const name of filled.unknown) unknown.add(name);
    return filled.text;
  };
  const agent = field('bootstrap').toLowerCase();
  const line = stage.header.get('from')?.line ?? bootstrap.line;
  const from = withoutCredentials(field('from'), line, spec);
  const osVersion = field('osversion');
  const base = baseOf({ agent, from, registry: field('registry'), namespace: field('namespace'), osVersion });
  const name = field('stage') || String(index);
  if (base.image !== null) spec.baseImages.push({ ...base.image, platform: null, stage: name, line });
  if (base.file !== null) spec.references.push(base.file);
  if (unknown.size > 0) {
    const message = `The base image depends on ${[...unknown].join(', ')}, given when the image is built.`;
    spec.problems.push({ reason: 'dynamic-value', message, line });
  } else if (!base.isValid || !AGENTS.has(agent)) {
    const message = AGENTS.has(agent) ? 'The base image is no valid image reference.' : 'The agent is not known.';
    spec.problems.push({ reason: 'syntax-invalid', message, line });
  }
  readMirrors(stage, agent, field, spec);
}

function readMirrors(
  { header }: DefinitionStage,
  agent: string,
  field: (key: string) => string,
  spec: EnvironmentSpec,
): void {
  for (const key of ['library', 'mirrorurl', 'updateurl', 'registerurl', 'confurl']) {
    const line = header.get(key)?.line;
    if (line === undefined) continue;
    const url = field(key).replace(/%\{OSVERSION\}/gi, () => field('osversion') || '%{OSVERSION}');
    spec.sources.push(withoutCredentials(url, line, spec));
  }
  const ecosystem = MIRROR_AGENTS.get(agent) ?? '';
  const include = header.get('include');
  if (include === undefined || ecosystem === '') return;
  for (const name of new Set(field('include').split(/[\s,]+/))) {
    if (!/^[A-Za-z0-9][\w.+-]*$/.test(name)) continue;
    const { line } = include;
    spec.packages.push(specPackage({ ecosystem, name, standing: 'declared', line, skipReason: 'no-version' }));
  }
}

function readFiles(section: Section, defaults: ReadonlyMap<string, string>, spec: EnvironmentSpec): void {
  if (section.words[0]?.toLowerCase() === 'from') return;
  for (const line of section.body) {
    const source = /^\s*(?:"([^"]+)"|([^\s"#]\S*))/.exec(fillTemplate(line, defaults).text);
    const file = source?.[1] ?? source?.[2];
    if (file !== undefined && isPackageFile(file) && !spec.references.includes(file)) spec.references.push(file);
  }
}

function withoutCredentials(url: string, line: number, spec: EnvironmentSpec): string {
  const redacted = redactUrl(url);
  if (redacted.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  return redacted.url;
}
