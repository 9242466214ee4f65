/**
 * Whether extracting this path as it stands could write outside the target, on any system: absolute, a `..` component, a
 * drive letter, a NUL, or nothing at all. Backslashes count as separators because they are on Windows.
 */
export function isUnsafePath(path: string): boolean {
  return path === '' || /^[/\\]|^[A-Za-z]:|\0/.test(path) || path.split(/[/\\]/).includes('..');
}

/** The one spelling under which paths are compared: without `./`, doubled and trailing slashes. `.` becomes the empty string. */
export function normalizeTarPath(path: string): string {
  return path
    .split('/')
    .filter((component) => component !== '' && component !== '.')
    .join('/');
}
