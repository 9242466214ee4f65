/**
 * Orders `6.1.0-13-amd64`, `535.54.03` and `12.2` by their leading numbers; what follows them is not looked at.
 * @returns a negative number when `a` is the older
 */
export function compareVersions(a: string, b: string): number {
  const [partsA, partsB] = [numbersOf(a), numbersOf(b)];
  for (let index = 0; index < Math.max(partsA.length, partsB.length); index += 1) {
    const difference = (partsA[index] ?? 0) - (partsB[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The numbers at the front of a version: `6.1.0` of `6.1.0-13-amd64`; null when it begins with none. */
export function leadingVersion(text: string): string | null {
  return /^\d{1,9}(?:\.\d{1,9}){0,5}/.exec(text)?.[0] ?? null;
}

function numbersOf(version: string): number[] {
  return (leadingVersion(version) ?? '0').split('.').map(Number);
}
