const CLAUSE =
  /^(?<operator>===?|>=|<=|!=|~=|>|<|\^|~)?\s*v?(?<version>\d+(?:\.(?:\d+|[*xX]))*)(?:[-+.]?[a-z][\w.-]*)?$/;

/**
 * Whether a version that is known in its first parts (`3.11`) meets a range, in the spellings of pip, Poetry and npm. What
 * stands behind the known parts counts as met: only they are promised.
 *
 * @returns null when the range is not understood
 */
export function meets(version: string, range: string): boolean | null {
  const alternatives = range.split(/\|\|?/).map((alternative) => meetsAll(version, alternative));
  if (alternatives.includes(true)) return true;
  return alternatives.includes(null) ? null : false;
}

function meetsAll(version: string, range: string): boolean | null {
  const clauses = range
    .trim()
    .replace(/([<>=~^!])\s+(?=[\dv])/g, '$1')
    .split(/\s*,\s*|\s+/)
    .filter((clause) => clause !== '');
  if (clauses.length === 0) return null;
  let met: boolean | null = true;
  for (const clause of clauses) {
    const one = meetsClause(version, clause);
    if (one === false) return false;
    if (one === null) met = null;
  }
  return met;
}

function meetsClause(known: string, clause: string): boolean | null {
  if (/^(?:==)?[*xX]$/.test(clause)) return true;
  const { operator = '==', version } = CLAUSE.exec(clause)?.groups ?? {};
  if (version === undefined) return null;
  const wanted = version.split('.').filter((part) => !/[*xX]/.test(part));
  const order = compare(known, wanted);
  const major = compare(known, wanted.slice(0, 1)) === 0;
  const prefix = compare(known, wanted.slice(0, Math.max(1, Math.min(2, wanted.length)))) === 0;
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0 || (order === 0 && wanted.length > known.split('.').length);
    case '<':
      return order < 0 || (order === 0 && wanted.length > known.split('.').length && wanted.at(-1) !== '0');
    case '!=':
      return order !== 0 || wanted.length > known.split('.').length;
    case '^':
      return order >= 0 && major;
    case '~':
      return order >= 0 && prefix;
    case '~=':
      return order >= 0 && compare(known, wanted.slice(0, -1)) === 0;
    default:
      return order === 0;
  }
}

/** Of the parts that both have. */
function compare(known: string, wanted: readonly string[]): number {
  for (const [index, part] of known.split('.').entries()) {
    const other = wanted[index];
    if (other === undefined) return 0;
    if (Number(part) !== Number(other)) return Number(part) - Number(other);
  }
  return 0;
}
