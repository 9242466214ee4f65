import { excerpt, type Finding } from './finding.js';

/** Line by line. Ends of lines and a byte order mark are how a text is written, not what it says. */
export function compareText(before: string, after: string): Finding {
  const [left, right] = [linesOf(before), linesOf(after)];
  const shared = Math.min(left.length, right.length);
  let differing = Math.abs(left.length - right.length);
  let first: number | null = left.length === right.length ? null : shared;
  for (let index = shared - 1; index >= 0; index--) {
    if (left[index] === right[index]) continue;
    differing++;
    first = index;
  }
  if (first === null) {
    return { how: 'text', isWithin: true, detail: `${left.length} lines are equal; only the ends of lines differ` };
  }
  const change = `${described(left[first])} became ${described(right[first])}`;
  const count =
    left.length === right.length ? `${left.length} lines` : `${left.length} lines, which became ${right.length},`;
  return {
    how: 'text',
    isWithin: false,
    detail: `${differing} of ${count} differ; first line ${first + 1}: ${change}`,
  };
}

function linesOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function described(line: string | undefined): string {
  return line === undefined ? 'nothing' : excerpt(line);
}
