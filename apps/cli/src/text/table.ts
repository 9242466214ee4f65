/** Columns as wide as their widest cell, two blanks between them. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Name and value, one pair a line; several values stand below one another. */
export function fields(
  pairs: readonly (readonly [name: string, value: string | readonly string[] | null])[],
): string[] {
  const shown = pairs.filter(([, value]) => value !== null && value.length > 0);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : (value ?? [])).map(
      (line, index) => `  ${(index === 0 ? name : '').padEnd(width)}  ${line}`,
    ),
  );
}
