import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { FormatError } from '../format.js';
import { canonicalVersion, golangPurl, isModuleVersion } from '../go-mod/module-version.js';
import { limits } from '../limits.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLines } from '../text.js';

const MAY_BE = /^\S+ v\S+ h\d:/m;
const LINE = /^(?<module>\S+) (?<version>v\S+?)(?<mod>\/go\.mod)? h\d+:[A-Za-z0-9+/]{43}=$/;

interface Candidate {
  readonly module: string;
  readonly version: string;
  readonly line: number;
  hasCode: boolean;
}

/** The sums are over a listing of files and not over a file that can be obtained, so that no `hashes` come of them. */
export function extract(content: string): EnvironmentSpec | null {
  if (!MAY_BE.test(content)) return null;
  const candidates = new Map<string, Candidate>();
  const problems = new ProblemLog();
  let read = 0;
  let unread = 0;
  for (const [index, written] of splitLines(content).entries()) {
    if (written.trim() === '') continue;
    const line = index + 1;
    const fields = written.length > limits.lineCharacters ? undefined : LINE.exec(written.trim())?.groups;
    const { module, version, mod } = fields ?? {};
    if (module === undefined || version === undefined || !isModuleVersion(version)) {
      unread += 1;
      problems.add({ reason: 'syntax-invalid', message: 'The line is no "module version hash".', line });
      continue;
    }
    read += 1;
    const key = `${module} ${version}`;
    const known = candidates.get(key) ?? { module, version, line, hasCode: false };
    if (mod === undefined) known.hasCode = true;
    candidates.set(key, known);
  }
  if (read === 0 || unread > read) return null;
  if (candidates.size > limits.packages) {
    throw new FormatError('limit-exceeded', `A go.sum is read up to ${limits.packages} modules.`);
  }
  const spec = emptySpec('go-sum', 'language');
  for (const candidate of candidates.values()) spec.packages.push(toPackage(candidate));
  spec.problems = problems.toProblems();
  return spec;
}

function toPackage({ module, version, line, hasCode }: Candidate): SpecPackage {
  return specPackage({
    ecosystem: 'golang',
    name: module,
    version,
    standing: 'declared',
    purl: golangPurl(module, canonicalVersion(version)),
    group: hasCode ? 'candidate' : 'go.mod',
    line,
    // Only its go.mod was looked at: no code of it can be in the build.
    skipReason: hasCode ? null : 'not-installed',
  });
}
