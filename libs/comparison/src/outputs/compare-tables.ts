import type { OutputTolerance } from '@envarium/schema';
import { parse } from 'csv-parse/sync';
import { excerpt, type Finding, Unreadable } from './finding.js';
import { isLongInteger, NumberDifferences, readNumber } from './number-differences.js';

/** Cells of one table; each costs some 50 bytes of memory. */
const MAX_CELLS = 2_000_000;
const MAX_ROW_CHARACTERS = 4 * 1024 * 1024;
const DELIMITERS = [',', '\t', ';', '|'] as const;

type Table = readonly (readonly string[])[];

/** Cell by cell: numbers with a tolerance, everything else as text. @throws Unreadable */
export function compareTables(before: string, after: string, tolerance: OutputTolerance): Finding {
  const [left, right] = [readTable(before), readTable(after)];
  if (left.length !== right.length) return different(`${left.length} rows became ${right.length}`);
  const header = left[0] ?? [];
  const numbers = new NumberDifferences(tolerance);
  for (const [index, cells] of left.entries()) {
    const others = right[index] ?? [];
    if (cells.length !== others.length) {
      return different(`row ${index + 1} had ${cells.length} columns and has ${others.length}`);
    }
    for (const [column, cell] of cells.entries()) {
      const other = others[column] ?? '';
      const place = (): string => placeOf(index, column, header);
      const difference = compareCells(cell, other, numbers, place);
      if (difference !== null) return different(difference);
    }
  }
  return numbers.finding();
}

/** @returns null, or what differs that no tolerance can cover */
function compareCells(before: string, after: string, numbers: NumberDifferences, place: () => string): string | null {
  const [left, right] = [before.trim(), after.trim()];
  const [from, to] = [readNumber(left), readNumber(right)];
  if (from !== null && to !== null) {
    if (isLongInteger(left) && isLongInteger(right)) numbers.addLong(left, right, place);
    else numbers.add(from, to, place);
    return null;
  }
  return before === after ? null : `${place()}: ${excerpt(before)} became ${excerpt(after)}`;
}

function placeOf(row: number, column: number, header: readonly string[]): string {
  const name = header[column]?.trim() ?? '';
  const isName = row > 0 && name !== '' && readNumber(name) === null;
  return `row ${row + 1}, column ${isName ? excerpt(name) : column + 1}`;
}

function readTable(text: string): Table {
  let cells = 0;
  try {
    return parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_CHARACTERS,
      on_record: (record: string[]) => {
        cells += record.length;
        if (cells > MAX_CELLS) throw new Unreadable(`more than ${MAX_CELLS} cells`);
        return record;
      },
    });
  } catch (error) {
    throw new Unreadable('not a table', { cause: error });
  }
}

/** What stands most often in the first line, outside quotes. */
function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = (end === -1 ? text : text.slice(0, end)).slice(0, MAX_ROW_CHARACTERS).replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter;
}

function different(detail: string): Finding {
  return { how: 'numbers', isWithin: false, detail };
}
