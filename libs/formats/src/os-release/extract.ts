import type { EnvironmentSpec, SpecRuntime, SpecSystem } from '@envarium/schema';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { parseOsRelease, type OsRelease } from './parse.js';

/** Fields that no other file of assignments has. */
const MARKS: readonly (readonly string[])[] = [['PRETTY_NAME'], ['ID_LIKE'], ['ID', 'NAME'], ['ID', 'VERSION_ID']];
/** A cheap test before lines are read. */
const MAY_BE = /^[ \t]*(?:PRETTY_NAME|ID_LIKE|ID)=/m;
const FILE_NAME = /(?:^|\/)os-release(?:[-_.][\w.-]+)?$/;
const MOST_CHARACTERS = 64 * 1024;

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (content.length > MOST_CHARACTERS || !MAY_BE.test(content)) return null;
  const release = parseOsRelease(content);
  if (!isOsRelease(release, path)) return null;
  const spec = emptySpec('os-release', 'host');
  const system = systemOf(release);
  spec.runtimes.push(runtimeOf(release, system));
  spec.system = system;
  const problems = new ProblemLog();
  for (const line of release.badLines) {
    problems.add({ reason: 'syntax-invalid', message: 'The line is no assignment of a value.', line });
  }
  spec.problems = problems.toProblems();
  return spec;
}

/** The operating system, under the name that the machine-readable field gives it; by specification `linux` without one. */
function systemOf({ fields }: OsRelease): SpecSystem {
  const [id, version] = [fields.get('ID'), fields.get('VERSION_ID')];
  const name = fields.get('PRETTY_NAME') ?? fields.get('NAME');
  return {
    id: id === undefined || id.value === '' ? 'linux' : id.value,
    versionId: version === undefined || version.value === '' ? null : version.value,
    name: name === undefined || name.value === '' ? null : name.value,
    line: id?.line ?? version?.line ?? fields.get('PRETTY_NAME')?.line ?? null,
  };
}

function runtimeOf({ fields }: OsRelease, { id, versionId, line }: SpecSystem): SpecRuntime {
  // Rolling and coming releases have no VERSION_ID; a codename is a wish for whatever it is by now.
  const wish = fields.get('VERSION_CODENAME') ?? fields.get('BUILD_ID');
  const specifier = versionId === null ? wish?.value : undefined;
  return {
    name: id,
    version: versionId,
    specifier: specifier === undefined || specifier === '' ? null : specifier,
    line,
  };
}

function isOsRelease({ fields, badLines }: OsRelease, path: string): boolean {
  const hasMark = MARKS.some((mark) => mark.every((name) => fields.has(name)));
  if (!hasMark && !(FILE_NAME.test(path) && fields.has('ID'))) return false;
  return badLines.length <= fields.size;
}
