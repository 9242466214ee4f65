/** `name` or `name (>= 1.0)`, with blanks wherever R takes them. */
export interface Dependency {
  readonly name: string;
  /** as written, without the parentheses */
  readonly requirement: string | null;
  /** the one version that `==` fixes */
  readonly version: string | null;
}

/** R-exts, section 1.1.1: at least two characters, not ending in a dot. */
export const R_NAME = /^[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]$/;
/** R's package_version grammar: at least two numbers, separated by `.` or `-`. */
export const R_VERSION = /^\d+(?:[.-]\d+)+$/;

const DEPENDENCY = /^(?<name>[^\s(]+)\s*(?:\((?<requirement>[^)]*)\))?(?<rest>.*)$/;
const REQUIREMENT = /^(?<operator>[<>]=?|==|!=)\s*(?<version>r?[\d][\d.-]*)$/;

/** @returns null when the text is no dependency */
export function parseDependency(text: string): Dependency | null {
  const { name, requirement, rest = '' } = DEPENDENCY.exec(text)?.groups ?? {};
  if (name === undefined || rest.trim() !== '' || !(R_NAME.test(name) || name === 'R')) return null;
  if (requirement === undefined) return { name, requirement: null, version: null };
  const written = requirement.trim();
  const groups = REQUIREMENT.exec(written)?.groups;
  if (groups === undefined) return null;
  const version = groups['operator'] === '==' ? (groups['version'] ?? null) : null;
  return { name, requirement: written, version };
}
