import { CreateLink, LinkDocument } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { linkDocument } from './link-document.js';
import { claimDigest } from './link-rows.js';

const VERSION = {
  recordId: 'env-0000-0000',
  repository: 'lab/eeg',
  number: 2,
  recordDigest: `sha256:${'a'.repeat(64)}`,
};
const BY_ADA = { runId: '01', by: 'ada', at: new Date('2026-03-01T12:00:00Z') };
const link = (more: object = {}) => CreateLink.parse({ article: '10.5555/ABC', output: 'Fig. 3b', ...more });

describe('articles/link-document', () => {
  it('writes the claim down in normal form, and as it was given', () => {
    const document = linkDocument(VERSION, link({ article: 'https://doi.org/10.5555/ABC', command: 'make' }), BY_ADA);

    expect(document).toEqual({
      schemaVersion: 1,
      runId: '01',
      record: { id: 'env-0000-0000', repository: 'lab/eeg' },
      version: 2,
      recordDigest: VERSION.recordDigest,
      article: { doi: '10.5555/abc', asGiven: '10.5555/ABC', title: null },
      output: { scope: 'main', kind: 'figure', number: '3', panel: 'b', asPrinted: 'Fig. 3b', componentDoi: null },
      run: { command: 'make', inputs: [], files: [] },
      assertedBy: 'ada',
      assertedRole: 'author',
      assertedAt: '2026-03-01T12:00:00.000Z',
    });
    expect(LinkDocument.parse(document)).toEqual(document);
  });

  it.each([
    [
      'an article that is no DOI',
      { article: 'pmid:1' },
      { code: 'DOI_INVALID', detail: { field: 'article', value: 'pmid:1' } },
    ],
    [
      'a figure that is no DOI',
      { componentDoi: 'x' },
      { code: 'DOI_INVALID', detail: { field: 'componentDoi', value: 'x' } },
    ],
    [
      'a label that names nothing',
      { output: 'the plot' },
      { code: 'OUTPUT_LABEL_INVALID', detail: { output: 'the plot' } },
    ],
  ])('refuses %s', (_, more, error) => {
    expect(() => linkDocument(VERSION, link(more), BY_ADA)).toThrowError(expect.objectContaining(error));
  });

  it('does not repeat a long text in its refusal', () => {
    const long = 'x'.repeat(2000);

    expect(() => linkDocument(VERSION, link({ article: long }), BY_ADA)).toThrowError(
      expect.objectContaining({ detail: { field: 'article', value: 'x'.repeat(300) } }),
    );
  });
});

describe('articles/link-rows/claimDigest', () => {
  const digestOf = (more: object, assertion = BY_ADA): string =>
    claimDigest(linkDocument(VERSION, link(more), assertion));

  it('is the same for the same claim, whoever makes it, whenever, in whatever spelling', () => {
    const bob = { runId: '02', by: 'bob', at: new Date('2027-01-01T00:00:00Z') };

    expect(digestOf({ article: 'doi:10.5555/abc', output: 'Figure 3(B)' }, bob)).toBe(digestOf({}));
  });

  it.each([
    ['the command', { command: 'make' }],
    ['the panel', { output: 'Fig. 3c' }],
    ['the article', { article: '10.5555/other' }],
    ['a file', { files: [{ name: 'f', digest: `sha256:${'b'.repeat(64)}`, size: 1 }] }],
  ])('differs by %s', (_, more) => {
    expect(digestOf(more)).not.toBe(digestOf({}));
  });
});
