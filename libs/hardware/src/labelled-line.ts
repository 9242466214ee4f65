const MAX_LINE_LENGTH = 16_384;
const MAX_LABEL_LENGTH = 60;

/**
 * `label: value`, cut at the first colon; a Chinese report has the full-width one. Searched by hand, since a pattern with
 * blanks on both sides of the label takes quadratic time on a long line of blanks.
 * @returns null when the line is not of this form, or longer than any such line of a report
 */
export function splitLabel(line: string): { label: string; value: string } | null {
  if (line.length > MAX_LINE_LENGTH) return null;
  const colon = line.search(/[:：]/);
  const label = line.slice(0, Math.max(colon, 0)).trim();
  if (label === '' || label.length > MAX_LABEL_LENGTH) return null;
  return { label, value: line.slice(colon + 1).trim() };
}
