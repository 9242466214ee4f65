import { compare, explain } from '@renovatebot/pep440';
import { compareBy, MAX_VERSION_LENGTH, RangeSyntaxError, type RangeTest, type Scheme } from './scheme.js';

type Version = NonNullable<ReturnType<typeof explain>> & { readonly text: string };

/**
 * https://packaging.python.org/en/latest/specifications/version-specifiers/. Pre-releases count where the order says so:
 * the rule that leaves them out is for choosing what to install, and these were.
 */
export const pep440: Scheme = {
  rules: 'PEP 440',
  example: '>=1.21,<2',
  compare: compareBy(parse, (a, b) => compare(a.text, b.text)),
  parseRange,
};

const CLAUSE = /^(?<operator>===|~=|==|!=|<=|>=|<|>)?\s*(?<operand>[^\s<>=!~]+)$/;

function parse(text: string): Version | null {
  if (text.length > MAX_VERSION_LENGTH) return null;
  const version = explain(text.trim());
  return version === null ? null : { ...version, text: text.trim() };
}

function parseRange(range: string): RangeTest {
  const text = range.trim();
  const clauses = (text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text)
    .split(',')
    .map((part) => part.trim())
    // Packaging tools write `>=1,` now and then.
    .filter((part, index, all) => part !== '' || all.length === 1 || index === 0);
  const tests = clauses.map(clauseTest);
  return (written) => {
    const version = parse(written);
    const verdicts = tests.map((test) => test(version, written));
    if (verdicts.includes(false)) return false;
    return verdicts.includes('undecidable') ? 'undecidable' : true;
  };
}

type ClauseTest = (version: Version | null, written: string) => boolean | 'undecidable';

function clauseTest(clause: string): ClauseTest {
  if (clause === '*') return () => true;
  const { operator = '==', operand = '' } = CLAUSE.exec(clause)?.groups ?? {};
  if (operand === '') throw new RangeSyntaxError(`"${clause}" is no version specifier`);
  // Arbitrary equality compares text: the one clause that decides what is no version.
  if (operator === '===') return (_, written) => written.trim().toLowerCase() === operand.toLowerCase();
  const test = operand.endsWith('.*')
    ? prefixTest(operator, operand.slice(0, -2))
    : versionTest(operator, operandOf(operand));
  return (version) => (version === null ? 'undecidable' : test(version));
}

function operandOf(text: string): Version {
  const operand = parse(text);
  if (operand === null) throw new RangeSyntaxError(`"${text}" is no version`);
  return operand;
}

function prefixTest(operator: string, text: string): (version: Version) => boolean {
  const prefix = operandOf(text);
  if (operator !== '==' && operator !== '!=')
    throw new RangeSyntaxError(`.* goes with == and != only, not ${operator}`);
  if (prefix.local !== null || prefix.is_devrelease) throw new RangeSyntaxError(`"${text}.*" is no prefix of versions`);
  const isEqual = (version: Version): boolean => startsWith(version, prefix);
  return operator === '==' ? isEqual : (version) => !isEqual(version);
}

function versionTest(operator: string, operand: Version): (version: Version) => boolean {
  if (operand.local !== null && operator !== '==' && operator !== '!=')
    throw new RangeSyntaxError(`a local version (+${operand.local}) goes with == and != only`);
  const order = (version: Version): number => compare(publicUnless(operand.local !== null, version), operand.text);
  switch (operator) {
    case '==':
      return (version) => order(version) === 0;
    case '!=':
      return (version) => order(version) !== 0;
    case '<=':
      return (version) => order(version) <= 0;
    case '>=':
      return (version) => order(version) >= 0;
    case '<':
      return (version) =>
        order(version) < 0 && !(version.is_prerelease && !operand.is_prerelease && isSameBase(version, operand));
    case '>':
      return (version) =>
        order(version) > 0 && !(version.is_postrelease && !operand.is_postrelease && isSameBase(version, operand));
    default:
      return compatibleTest(operand, order);
  }
}

/** `~=1.4.5` is `>=1.4.5, ==1.4.*`. */
function compatibleTest(operand: Version, order: (version: Version) => number): (version: Version) => boolean {
  if (operand.release.length < 2) throw new RangeSyntaxError('~= needs a version of two numbers at least');
  const series = { epoch: operand.epoch, release: operand.release.slice(0, -1), pre: null, post: null };
  return (version) => order(version) >= 0 && startsWith(version, series);
}

/** A local version counts only where the range names one; ordering clauses never look at it. */
function publicUnless(isLocalAsked: boolean, version: Version): string {
  return isLocalAsked ? version.text : version.public;
}

function isSameBase(a: Version, b: Version): boolean {
  return compare(a.base_version, b.base_version) === 0;
}

interface Prefix {
  readonly epoch: number;
  readonly release: readonly number[];
  readonly pre: readonly (string | number)[] | null;
  readonly post: readonly (string | number)[] | null;
}

/** The release of the version is padded with zeros: 1 starts with 1.0, but 1.10 does not start with 1.1. */
function startsWith(version: Version, prefix: Prefix): boolean {
  if (version.epoch !== prefix.epoch) return false;
  if (!prefix.release.every((part, i) => part === (version.release[i] ?? 0))) return false;
  if (!(prefix.pre ?? prefix.post)) return true;
  const isExact = version.release.slice(prefix.release.length).every((part) => part === 0);
  const samePre = !prefix.pre || String(prefix.pre) === String(version.pre ?? '');
  const samePost =
    !prefix.post ||
    (String(prefix.post) === String(version.post ?? '') && String(prefix.pre ?? '') === String(version.pre ?? ''));
  return isExact && samePre && samePost;
}
