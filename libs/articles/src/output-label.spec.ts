import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatOutputLabel, OUTPUT_KINDS, parseOutputLabel, type OutputLabel } from './output-label.js';

describe('articles/output-label', () => {
  it.each([
    ['Figure 3', 'main', 'figure', '3', null],
    ['FIGURE 3', 'main', 'figure', '3', null],
    ['Fig.3.', 'main', 'figure', '3', null],
    ['Fig. 3 |', 'main', 'figure', '3', null],
    ['(fig. 3)', 'main', 'figure', '3', null],
    ['ﬁgure 03', 'main', 'figure', '3', null],
    ['Figure\u00A03\u200B', 'main', 'figure', '3', null],
    ['Fig. 3b', 'main', 'figure', '3', 'b'],
    ['figure 3 (b)', 'main', 'figure', '3', 'b'],
    ['Figure 3, panel B', 'main', 'figure', '3', 'b'],
    ['Fig 3B-D', 'main', 'figure', '3', 'b-d'],
    ['Figs. 3b\u2013d', 'main', 'figure', '3', 'b-d'],
    ['Figure 3(c, a)', 'main', 'figure', '3', 'a,c'],
    ['Figure 3a and c\u2011e', 'main', 'figure', '3', 'a,c-e'],
    ['Figure 3.2b', 'main', 'figure', '3.2', 'b'],
    ['Figure IIb', 'main', 'figure', 'II', 'b'],
    ['Figure A', 'main', 'figure', 'A', null],
    ['Tab. 1', 'main', 'table', '1', null],
    ['Table A1', 'main', 'table', 'A1', null],
    ['Table a.1', 'main', 'table', 'A1', null],
    ['TABLE IV', 'main', 'table', 'IV', null],
    ['Table iv', 'main', 'table', 'IV', null],
    ['Figure EV2', 'main', 'figure', 'EV2', null],
    ['Eq. (4)', 'main', 'equation', '4', null],
    ['Equation 4a', 'main', 'equation', '4', 'a'],
    ['Section 3.2.1', 'main', 'section', '3.2.1', null],
    ['§ 4', 'main', 'section', '4', null],
    ['No. 7', 'main', 'number', '7', null],
    ['Video 2', 'main', 'video', '2', null],
    ['Box 1', 'main', 'other', 'Box 1', null],
    ['SCHEME 1', 'main', 'other', 'Scheme 1', null],
    ['Extended Data Fig. 3', 'extended', 'figure', '3', null],
    ['ED Fig. 3b', 'extended', 'figure', '3', 'b'],
    ['Extended Data Table 1', 'extended', 'table', '1', null],
    ['Extended Data 1', 'extended', 'data', '1', null],
    ['Figure S3', 'supplementary', 'figure', '3', null],
    ['FigS3', 'supplementary', 'figure', '3', null],
    ['Fig. S-3b', 'supplementary', 'figure', '3', 'b'],
    ['Supplementary Figure 3', 'supplementary', 'figure', '3', null],
    ['Supplementary Figure S3', 'supplementary', 'figure', '3', null],
    ['Supporting Information Fig. 3', 'supplementary', 'figure', '3', null],
    ['SI Appendix, Fig. S3', 'supplementary', 'figure', '3', null],
    ['S3 Fig', 'supplementary', 'figure', '3', null],
    ['S3B Fig.', 'supplementary', 'figure', '3', 'b'],
    ['Supp. Table 2', 'supplementary', 'table', '2', null],
    ['Table SII', 'supplementary', 'table', 'II', null],
    ['Eq. (S4)', 'supplementary', 'equation', '4', null],
    ['Movie S1', 'supplementary', 'video', '1', null],
    ['Supplementary Data 1', 'supplementary', 'data', '1', null],
    ['Supplementary Note 1', 'supplementary', 'other', 'Note 1', null],
    ['Figure 3—figure supplement 1', 'supplementary', 'figure', '3-s1', null],
    ['Figure 3 - Figure Supplement 1C', 'supplementary', 'figure', '3-s1', 'c'],
    ['Figure 3—source data 2', 'supplementary', 'data', '3-s2', null],
    ['Figure 3—video 1', 'supplementary', 'video', '3-s1', null],
  ])('reads %j', (printed, scope, kind, number, panel) => {
    expect(parseOutputLabel(printed)).toEqual({ scope, kind, number, panel });
  });

  it.each([
    '',
    ' ',
    'hello',
    '3',
    'b',
    'Figure',
    'Figure b',
    'Figure legends',
    'Figures 3 and 4',
    'Figures 3-5',
    'Figure 3d-b',
    'Figure 3 shows the mean',
    'Table of contents',
    'No way',
    'Extended Data Figure S3',
    'Figure 1234567',
    'Supplementary',
    'Figure 3\u0000',
    'Figure 3; DROP TABLE outputs',
    '((((Figure 3))))',
    'Figure '.repeat(700),
    `Figure ${'3.'.repeat(2500)}`,
    `Figure 3${'a,'.repeat(2500)}`,
  ])('takes no label from what is none: %#', (text) => {
    expect(parseOutputLabel(text)).toBeNull();
  });

  it.each([
    [{ scope: 'main', kind: 'figure', number: '3', panel: 'b-d' }, 'Figure 3b-d'],
    [{ scope: 'main', kind: 'table', number: 'IV', panel: 'b' }, 'Table IV(b)'],
    [{ scope: 'extended', kind: 'figure', number: '3', panel: null }, 'Extended Data Figure 3'],
    [{ scope: 'supplementary', kind: 'figure', number: '3', panel: null }, 'Supplementary Figure 3'],
    [{ scope: 'supplementary', kind: 'figure', number: '3-s1', panel: 'a' }, 'Figure 3—figure supplement 1a'],
    [{ scope: 'supplementary', kind: 'other', number: 'Note 2', panel: null }, 'Supplementary Note 2'],
  ] as const)('prints %j as %j', (label, printed) => {
    expect(formatOutputLabel(label)).toBe(printed);
  });

  it('tells main, panel, extended and supplementary outputs apart', () => {
    const printed = ['Figure 3', 'Figure 3b', 'Extended Data Figure 3', 'Figure S3', 'Figure 3—figure supplement 3'];

    expect(new Set(printed.map((label) => JSON.stringify(parseOutputLabel(label)))).size).toBe(5);
  });

  it('reads its own printing back', () => {
    const digits = fc.integer({ min: 0, max: 999 }).map(String);
    const number = fc.oneof(
      digits,
      fc.tuple(digits, digits).map(([chapter, figure]) => `${chapter}.${figure}`),
      fc.tuple(fc.constantFrom('A', 'B', 'EV', 'X'), digits).map(([series, figure]) => series + figure),
      fc.constantFrom('A', 'C', 'S', 'I', 'IV', 'XIX', 'XC', 'LXXX'),
    );
    const panel = fc.constantFrom(null, 'a', 'i', 'z', 'b-d', 'a,c', 'a-c,e', 'i,v');
    const numbered = fc.record<OutputLabel>({
      scope: fc.constantFrom('main', 'extended', 'supplementary'),
      kind: fc.constantFrom(...OUTPUT_KINDS.filter((kind) => kind !== 'other')),
      number,
      panel,
    });
    const other = fc.record<OutputLabel>({
      scope: fc.constantFrom('main', 'extended', 'supplementary'),
      kind: fc.constant('other'),
      number: fc.tuple(fc.constantFrom('Box', 'Scheme', 'Note', 'Appendix'), number).map((words) => words.join(' ')),
      panel,
    });
    const hangingOnFigure = fc.record<OutputLabel>({
      scope: fc.constant('supplementary'),
      kind: fc.constantFrom('figure', 'data', 'video'),
      number: fc.tuple(digits, digits).map(([figure, supplement]) => `${figure}-s${supplement}`),
      panel,
    });

    fc.assert(
      fc.property(fc.oneof(numbered, other, hangingOnFigure), (label) => {
        expect(parseOutputLabel(formatOutputLabel(label))).toEqual(label);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads whatever it takes from random words to the same label again', () => {
    const word = fc.constantFrom(
      'Fig',
      '.',
      ' ',
      'S',
      '3',
      '0',
      'b',
      '-',
      '–',
      '(',
      ')',
      ',',
      'and',
      'Table',
      'IV',
      'a',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const label = parseOutputLabel(`Fig ${words.join('')}`);
        if (label !== null) expect(parseOutputLabel(formatOutputLabel(label))).toEqual(label);
      }),
      { numRuns: 2000 },
    );
  });
});
