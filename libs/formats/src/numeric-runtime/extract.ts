import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { jsonEvidence, JsonObject, type JsonEvidence } from '../json-evidence.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { parseJson } from '../text.js';
import { libraryOf } from './library.js';
import { LoadedLibrary, NumericRuntime } from './schema.js';

const MARK = '"envarium-numeric-runtime/';
const SCHEMA = 'envarium-numeric-runtime/1';
const MOST_CHARACTERS = 1024 * 1024;

export function extract(content: string): EnvironmentSpec | null {
  if (!/^\s*\{/.test(content) || !content.includes(MARK)) return null;
  if (content.length > MOST_CHARACTERS) {
    throw new FormatError(
      'limit-exceeded',
      `A report of numeric libraries is read up to ${MOST_CHARACTERS} characters.`,
    );
  }
  const document = JsonObject.safeParse(parseJson(content)).data;
  const schema = document?.['schema'];
  if (typeof schema !== 'string' || !schema.startsWith(MARK.slice(1))) return null;
  const evidence = jsonEvidence(content, 2);
  if (schema !== SCHEMA) {
    throw new FormatError('unsupported-option', `Only ${SCHEMA} is read here.`, evidence.lineOf('schema'));
  }
  const runtime = NumericRuntime.safeParse(document);
  if (!runtime.success) {
    const [member = ''] = runtime.error.issues[0]?.path ?? [];
    throw new FormatError(
      'syntax-invalid',
      `${String(member)} is not as it should be.`,
      evidence.lineOf(String(member)),
    );
  }
  return specOf(runtime.data, evidence);
}

function specOf({ python, numpy, libraries, affinity }: NumericRuntime, evidence: JsonEvidence): EnvironmentSpec {
  const spec = emptySpec('numeric-runtime', 'language');
  const problems = new ProblemLog();
  for (const problem of evidence.problems) problems.add(problem);
  const version = python?.version ?? null;
  if (version !== null) {
    spec.runtimes.push({ name: 'python', version, specifier: null, line: evidence.lineOf('python', 'version') });
  }
  const loaded = libraries.flatMap((each, index) => {
    const read = LoadedLibrary.safeParse(each);
    if (read.success) return [libraryOf(read.data)];
    const message = 'The entry is no loaded library.';
    problems.add({ reason: 'syntax-invalid', message, line: evidence.lineOf('libraries', index) });
    return [];
  });
  spec.numerics = [
    {
      program: 'numpy',
      version: numpy.version ?? null,
      libraries: loaded,
      cpuFeatures: [...new Set(numpy.cpuFeatures ?? [])].sort(),
      cpus: affinity ?? null,
      line: evidence.lineOf('libraries'),
    },
  ];
  spec.problems = problems.toProblems();
  return spec;
}
