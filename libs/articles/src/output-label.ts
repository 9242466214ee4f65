/**
 * Labels of an article's outputs, as printed: "Fig. 3b", "Extended Data Table 1", "S1 Fig", "Eq. (4)". Two labels name
 * the same output when all four fields are equal: Figure 3, Figure 3b, Extended Data Figure 3 and Figure S3 are four
 * outputs; Figure S3 and Supplementary Figure 3 are one.
 */
export const OUTPUT_SCOPES = ['main', 'extended', 'supplementary'] as const;
export type OutputScope = (typeof OUTPUT_SCOPES)[number];

export const OUTPUT_KINDS = ['figure', 'table', 'equation', 'number', 'section', 'video', 'data', 'other'] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

export interface OutputLabel {
  readonly scope: OutputScope;
  readonly kind: OutputKind;
  /**
   * `3`, `3.2`, `IV`, `A1` (appendix). Of kind `other` with the printed word, since Box 1 and Scheme 1 differ: `Box 1`.
   * `3-s1` is the first supplement that belongs to Figure 3 (eLife).
   */
  readonly number: string;
  /** `b`, `b-d`, `a,c-e`; null for the whole output. */
  readonly panel: string | null;
}

const MAX_LENGTH = 120;

/** Printed words, lower case, singular, without the full stop of an abbreviation. */
const KIND_WORDS: ReadonlyMap<string, Exclude<OutputKind, 'other'>> = new Map([
  ['figure', 'figure'],
  ['fig', 'figure'],
  ['table', 'table'],
  ['tab', 'table'],
  ['tbl', 'table'],
  ['equation', 'equation'],
  ['eqn', 'equation'],
  ['eq', 'equation'],
  ['number', 'number'],
  ['no', 'number'],
  ['section', 'section'],
  ['sect', 'section'],
  ['sec', 'section'],
  ['§', 'section'],
  ['video', 'video'],
  ['movie', 'video'],
  ['data set', 'data'],
  ['dataset', 'data'],
  ['source data', 'data'],
  ['data', 'data'],
]);
/** Kept as printed: nothing says that Box 1 and Scheme 1 are the same. */
const OTHER_WORDS = [
  'algorithm',
  'appendix',
  'box',
  'chart',
  'code',
  'exhibit',
  'file',
  'listing',
  'map',
  'method',
  'note',
  'plate',
  'scheme',
  'text',
];
/** What a journal hangs on one figure: https://elifesciences.org prints "Figure 3—figure supplement 1". */
const SUPPLEMENT_WORDS: ReadonlyMap<string, OutputKind> = new Map([
  ['figure supplement', 'figure'],
  ['source data', 'data'],
  ['video', 'video'],
]);

const EXTENDED = 'extended[ -]data|extended|ed';
const SUPPLEMENTARY = String.raw`(?:supp(?:lement(?:ary|al)?|orting|l)?|sup)\.?(?: information| materials?)?|si(?: appendix)?`;
const WORD = [...KIND_WORDS.keys(), ...OTHER_WORDS].join('|');
const DIGITS = String.raw`\d{1,6}(?:\.\d{1,6}){0,3}`;
const ROMAN = '(?=[IVXL])(?:X[LC]|L?X{0,3})(?:I[XV]|V?I{0,3})';
const PANEL_ITEM = '[a-z](?:-[a-z])?';
const PANEL_SEPARATOR = ', ?| and | ?& ?';

/** "Supplementary Fig. 3b", "FigS3". After the word comes no further letter, except a series such as S or A. */
const WORD_FIRST = new RegExp(
  `^(?:(?:(?<extended>${EXTENDED})|(?<supplementary>${SUPPLEMENTARY})),? )?` +
    `(?<word>${WORD})(?:s(?=[. ]))?(?=[^a-z]|[a-z]{1,2}\\d)\\.? ?(?<rest>.+)$`,
  'i',
);
/** PLOS prints the number first: "S1 Fig", "S2 Table". */
const NUMBER_FIRST = new RegExp(`^S(?<number>${DIGITS})(?<panel>[A-Z])? (?<word>${WORD})$`, 'i');
const DIGITS_WITH_SERIES = new RegExp(`^(?:(?<series>[A-Za-z]{1,2})[-. ]?)?(?<digits>${DIGITS})(?<after>.*)$`);
/** Upper case, since "Figure a" is a panel or running text; a roman numeral alone ("Table iv") may be lower case. */
const CAPITALS = new RegExp(`^(?<series>S)?(?<capitals>${ROMAN}|[A-Z])(?<after>[ (,a-z].*)?$`);
const LOWER_ROMAN = /^[ivxl]+$/;
const PANEL = new RegExp(`^[-.,]? ?(?:panels? )?(?<panel>${PANEL_ITEM}(?:(?:${PANEL_SEPARATOR})${PANEL_ITEM})*)$`);
const FIGURE_SUPPLEMENT = new RegExp(
  `^fig(?:ure|\\.)? ?(?<figure>${DIGITS})(?: ?[-,] ?| )` +
    `(?<word>${[...SUPPLEMENT_WORDS.keys()].join('|')}) (?<number>\\d{1,6})(?<after>.*)$`,
  'i',
);

/** @returns null when the text is not the label of one output: no number, a range of numbers, running text. */
export function parseOutputLabel(input: string): OutputLabel | null {
  if (input.length > MAX_LENGTH) return null;
  const text = plainText(input);
  return parseFigureSupplement(text) ?? parseNumberFirst(text) ?? parseWordFirst(text);
}

/** One spelling per output, which `parseOutputLabel` reads back to the same label. */
export function formatOutputLabel(label: OutputLabel): string {
  const panel = label.panel === null ? '' : /\d$/.test(label.number) ? label.panel : `(${label.panel})`;
  const supplement = /^(?<figure>.+)-s(?<number>\d+)$/.exec(label.number)?.groups;
  const supplementWord = [...SUPPLEMENT_WORDS].find(([, kind]) => kind === label.kind)?.[0];
  if (supplement !== undefined && supplementWord !== undefined) {
    return `Figure ${supplement['figure']}—${supplementWord} ${supplement['number']}${panel}`;
  }
  const scope = { main: '', extended: 'Extended Data ', supplementary: 'Supplementary ' }[label.scope];
  const word = label.kind === 'other' ? '' : `${capitalized(label.kind)} `;
  return `${scope}${word}${label.number}${panel}`;
}

/** "Figure 3—figure supplement 1": numbered inside its figure, so the figure is part of the number. */
function parseFigureSupplement(text: string): OutputLabel | null {
  const match = FIGURE_SUPPLEMENT.exec(text)?.groups;
  if (match === undefined) return null;
  const { figure = '', word = '', number = '', after = '' } = match;
  const kind = SUPPLEMENT_WORDS.get(word.toLowerCase());
  const panel = parsePanel(after);
  if (kind === undefined || panel === undefined) return null;
  return { scope: 'supplementary', kind, number: `${plainNumber(figure)}-s${plainNumber(number)}`, panel };
}

function parseNumberFirst(text: string): OutputLabel | null {
  const match = NUMBER_FIRST.exec(text)?.groups;
  if (match === undefined) return null;
  const { number = '', panel, word = '' } = match;
  return withWord('supplementary', word, plainNumber(number), panel?.toLowerCase() ?? null);
}

function parseWordFirst(text: string): OutputLabel | null {
  const words = WORD_FIRST.exec(text)?.groups;
  if (words === undefined) return null;
  const { extended, supplementary, word = '', rest = '' } = words;
  const numbered = parseNumber(withoutBrackets(rest));
  if (numbered === null) return null;
  const printed: OutputScope =
    extended !== undefined ? 'extended' : supplementary !== undefined ? 'supplementary' : 'main';
  // "Supplementary Figure S3" says it twice; "Extended Data Figure S3" contradicts itself.
  if (numbered.scope !== 'main' && printed !== 'main' && numbered.scope !== printed) return null;
  const scope = numbered.scope === 'main' ? printed : numbered.scope;
  return withWord(scope, word, numbered.number, numbered.panel);
}

function parseNumber(text: string): Omit<OutputLabel, 'kind'> | null {
  const withDigits = DIGITS_WITH_SERIES.exec(text)?.groups;
  const match = withDigits ?? CAPITALS.exec(LOWER_ROMAN.test(text) ? text.toUpperCase() : text)?.groups;
  if (match === undefined) return null;
  const { series = '', digits, capitals = '', after = '' } = match;
  const panel = parsePanel(after);
  if (panel === undefined) return null;
  const number = digits === undefined ? capitals : plainNumber(digits);
  switch (series.toUpperCase()) {
    case 'S':
    case 'SI':
      return { scope: 'supplementary', number, panel };
    case 'ED':
      return { scope: 'extended', number, panel };
    default:
      return { scope: 'main', number: series.toUpperCase() + number, panel };
  }
}

function withWord(scope: OutputScope, word: string, number: string, panel: string | null): OutputLabel {
  const kind = KIND_WORDS.get(word.toLowerCase());
  if (kind !== undefined) return { scope, kind, number, panel };
  return { scope, kind: 'other', number: `${capitalized(word.toLowerCase())} ${number}`, panel };
}

/** @returns `b`, `b-d`, `a,c-e`, sorted; null when there is no text; undefined when the text is not a panel */
function parsePanel(text: string): string | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const printed = PANEL.exec(withoutBrackets(trimmed).toLowerCase())?.groups?.['panel'];
  if (printed === undefined) return undefined;
  const items = new Set(printed.split(new RegExp(PANEL_SEPARATOR)));
  for (const item of items) {
    if (item.length > 1 && item.charAt(0) >= item.charAt(2)) return undefined;
  }
  return [...items].toSorted().join(',');
}

function withoutBrackets(text: string): string {
  return /^\((?<inner>[^()]+)\)$/.exec(text)?.groups?.['inner']?.trim() ?? text;
}

function plainNumber(digits: string): string {
  return digits.replace(/(?<=^|\.)0+(?=\d)/g, '');
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Typesetting out: one kind of blank, one kind of dash, no ligature, no closing punctuation, no brackets around all. */
function plainText(input: string): string {
  const text = input
    .replace(/[\u200B-\u200F\u2060\uFEFF\u00AD]/g, '')
    .replace(/[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g, '-')
    .replace(/ﬁ/g, 'fi')
    .replace(/\s+/g, ' ')
    .replace(/[ .:;,|]+$/, '')
    .trim();
  return withoutBrackets(text);
}
