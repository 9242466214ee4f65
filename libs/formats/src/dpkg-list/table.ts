/** The columns of a `dpkg -l` table, read from its `+++-====-====` line. */
export interface Columns {
  /** name, version, architecture (missing before dpkg 1.16.2), description */
  readonly widths: readonly number[];
  /** dpkg cuts values to the columns only when it writes to a terminal, whose width decides them. */
  readonly isCut: boolean;
}

export interface Row {
  readonly status: string;
  readonly name: string;
  readonly version: string | null;
  readonly architecture: string | null;
  readonly isNameWhole: boolean;
  readonly isVersionWhole: boolean;
}

const MOST_RULE = 2000;
const RULE = /^\+\+\+-(=+(?:-=+)+)\s*$/;
/** Desired action, state, error flag. https://manpages.debian.org/dpkg-query.1 */
const ROW = /^([uihrp?][A-Za-z?]([ RX#?])?)[ \t]+(\S.*)$/;

/** dpkg refuses versions that start otherwise; sentences around the table do. */
const VERSION_START = /^(?:\d|<none>$)/;

export function parseRule(line: string): Columns | null {
  const rule = line.length > MOST_RULE ? undefined : RULE.exec(line)?.[1];
  if (rule === undefined) return null;
  const widths = rule.split('-').map((column) => column.length);
  return { widths, isCut: isTerminalWidth(widths) };
}

/**
 * On a terminal the widths all follow from one number w (list_format_init in dpkg's src/query/main.c): name 14 + w,
 * version 12 + w/2 (14 + w before there was an architecture column). Elsewhere they are those of the longest values.
 */
function isTerminalWidth(widths: readonly number[]): boolean {
  const [name = 0, version = 0, architecture = 0] = widths;
  const w = name - 14;
  if (w < 0) return true;
  if (widths.length < 4) return version === 14 + w;
  const half = 12 + Math.floor(w / 2);
  return version === half && architecture === half;
}

/**
 * @param columns null for rows without the heading (`dpkg -l | grep ^ii`)
 * @returns null when the line is no row
 */
export function parseRow(line: string, columns: Columns | null): Row | null {
  const [, status, , fields] = ROW.exec(line) ?? [];
  if (status === undefined || fields === undefined) return null;
  const hasArchitecture = columns === null || columns.widths.length >= 4;
  const [name = '', version, architecture] = fields.split(/\s+/, 3);
  if (version !== undefined && !VERSION_START.test(version)) return null;
  const [nameWidth = 0, versionWidth = 0] = columns?.widths ?? [];
  const isCut = columns?.isCut === true;
  return {
    status: status.trim(),
    name,
    version: version === undefined || version === '<none>' ? null : version,
    architecture: !hasArchitecture || architecture === undefined || architecture === '<none>' ? null : architecture,
    isNameWhole: !isCut || name.length < nameWidth,
    isVersionWhole: !isCut || version === undefined || version.length < versionWidth,
  };
}
