import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doiSegment, doiUrl, parseDoi } from './doi.js';

const SICI = '10.1002/(SICI)1522-2594(199911)42:5<952::AID-MRM16>3.0.CO;2-S';

describe('articles/doi', () => {
  it.each([
    '10.1371/journal.pone.0123456',
    '10.1371/JOURNAL.PONE.0123456',
    '  10.1371/journal.pone.0123456\n',
    'doi:10.1371/journal.pone.0123456',
    'DOI: 10.1371/journal.pone.0123456',
    'doi 10.1371/journal.pone.0123456',
    'info:doi/10.1371/journal.pone.0123456',
    'urn:doi:10.1371/journal.pone.0123456',
    'https://doi.org/10.1371/journal.pone.0123456',
    'http://dx.doi.org/10.1371/journal.pone.0123456',
    'HTTPS://WWW.DOI.ORG/10.1371/journal.pone.0123456',
    'doi.org/10.1371/journal.pone.0123456',
    '10.1371%2Fjournal.pone.0123456',
    'https://doi.org/10.1371%2fjournal%2Epone.0123456?utm_source=mail#abstract',
    '10.1371/journal.\u200Bpone.0123456\uFEFF',
    'https://doi.org/doi:10.1371/journal.pone.0123456',
  ])('reads %j as the one DOI it is', (spelling) => {
    expect(parseDoi(spelling)?.doi).toBe('10.1371/journal.pone.0123456');
  });

  it('keeps the case as given beside the name for comparing', () => {
    expect(parseDoi('https://doi.org/10.5555/AbC-Ü')).toEqual({
      doi: '10.5555/abc-Ü',
      asGiven: '10.5555/AbC-Ü',
      prefix: '10.5555',
      suffix: 'abc-Ü',
    });
  });

  it('reads a prefix with sub-prefixes, and a suffix with slashes', () => {
    expect(parseDoi('10.1000.10/123/4')).toEqual({
      doi: '10.1000.10/123/4',
      asGiven: '10.1000.10/123/4',
      prefix: '10.1000.10',
      suffix: '123/4',
    });
  });

  it('turns the hyphens of a typeset page into hyphen-minus', () => {
    expect(parseDoi('10.1038/s41586\u2010020\u20112649\u22122')?.doi).toBe('10.1038/s41586-020-2649-2');
  });

  it('keeps brackets and punctuation that belong to the suffix', () => {
    expect(parseDoi('10.1016/S0140-6736(20)30183-5')?.doi).toBe('10.1016/s0140-6736(20)30183-5');
  });

  it.each([
    [SICI, 'https://doi.org/10.1002/(sici)1522-2594(199911)42:5%3C952::aid-mrm16%3E3.0.co;2-s'],
    [
      '10.1002/(SICI)1099-1409(199908)3:6/7<672::AID-JPP192>3.0.CO;2-#',
      'https://doi.org/10.1002/(sici)1099-1409(199908)3:6/7%3C672::aid-jpp192%3E3.0.co;2-%23',
    ],
    ['10.1000/456#789', 'https://doi.org/10.1000/456%23789'],
    ['10.1000/a?b+c%41', 'https://doi.org/10.1000/a%3Fb%2Bc%2541'],
    ['10.1000/\u00FC', 'https://doi.org/10.1000/%C3%BC'],
    ['10.1000/a/../b', 'https://doi.org/10.1000/a/..%2Fb'],
    ['10.1000/a/./../b/..', 'https://doi.org/10.1000/a/.%2F../b%2F..'],
    ['10.1000/..', 'https://doi.org/10.1000%2F..'],
  ])('shows %j as %j and reads it back', (given, url) => {
    const doi = parseDoi(given)!.doi;

    expect(doiUrl(doi)).toBe(url);
    expect(parseDoi(url)?.doi).toBe(doi);
  });

  it('makes one path segment of a DOI', () => {
    expect(doiSegment('10.1000/a/../b?c')).toBe('10.1000%2Fa%2F..%2Fb%3Fc');
  });

  it.each([
    '',
    ' ',
    'hello',
    '10.1371',
    '10.123/456',
    '10.5281/',
    '10.5281/a b',
    '10.5281/a\u0000b',
    '10.5281/a\u202Eb',
    '10.5281/\uD800',
    '11.5281/abc',
    '10.5281x/abc',
    '10.\u0661\u0662\u0663\u0664/abc',
    'https://doi.org/10.5281/a%zz',
    'https://doi.org/10.5281/%00',
    'https://doi.org/10.5281/a%20b',
    'https://doi.org/',
    'https://doi.org.example.org/10.5281/zenodo.1',
    'https://example.org/10.5281/zenodo.1',
    'see 10.5281/zenodo.1',
    'javascript:10.5281/zenodo.1',
    `10.5281/${'a'.repeat(2049)}`,
    `10.${'1.'.repeat(4000)}`,
    '%'.repeat(100_000),
  ])('refuses what is not one DOI: %#', (input) => {
    expect(parseDoi(input)).toBeNull();
  });

  const doiName = fc
    .tuple(fc.integer({ min: 1000, max: 999_999_999 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }))
    .map(([registrant, suffix]) => parseDoi(`10.${registrant}/${suffix}`))
    .filter((doi) => doi !== null);

  it('finds its own names, addresses and segments again, and no client rewrites the addresses', () => {
    fc.assert(
      fc.property(doiName, ({ doi, asGiven, prefix, suffix }) => {
        const url = doiUrl(doi);

        expect(parseDoi(doi)?.doi).toBe(doi);
        expect(parseDoi(asGiven)?.doi).toBe(doi);
        expect(parseDoi(url)?.doi).toBe(doi);
        expect(new URL(url).href).toBe(url);
        expect(decodeURIComponent(doiSegment(doi))).toBe(doi);
        expect(`${prefix}/${suffix}`).toBe(doi);
      }),
    );
  });

  it('answers any UTF-16 text without throwing', () => {
    const start = fc.constantFrom('', '10.5281/', 'https://doi.org/10.5281/', 'doi:10.1000%2F');
    const codeUnits = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(start, codeUnits, (before, text) => {
        const doi = parseDoi(before + text);
        if (doi !== null) expect(new URL(doiUrl(doi.doi)).host).toBe('doi.org');
      }),
    );
  });
});
