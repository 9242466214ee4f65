import type { EnvironmentSpec } from '@envarium/schema';
import type { JsonEvidence } from '../json-evidence.js';
import { markedJson } from '../marked-json.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { libraryOf } from './library.js';
import { LoadedLibrary, NumericRuntime } from './schema.js';

export function extract(content: string): EnvironmentSpec | null {
  const found = markedJson(content, 'envarium-numeric-runtime', 1, NumericRuntime);
  return found === null ? null : specOf(found.document, found.evidence);
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
