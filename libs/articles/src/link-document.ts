import { ArchiveError } from '@envarium/errors';
import type { CreateLink, LinkDocument } from '@envarium/schema';
import { parseDoi } from './doi.js';
import { parseOutputLabel } from './output-label.js';

export interface LinkedVersion {
  readonly recordId: string;
  readonly repository: string;
  readonly number: number;
  readonly recordDigest: string;
}

export interface Assertion {
  readonly runId: string;
  readonly by: string;
  readonly at: Date;
}

/** @throws ArchiveError DOI_INVALID (article or component), OUTPUT_LABEL_INVALID */
export function linkDocument(version: LinkedVersion, link: CreateLink, assertion: Assertion): LinkDocument {
  const article = requireDoi(link.article, 'article');
  const component = link.componentDoi === undefined ? null : requireDoi(link.componentDoi, 'componentDoi');
  const label = parseOutputLabel(link.output);
  if (label === null) throw new ArchiveError('OUTPUT_LABEL_INVALID', { output: link.output });
  return {
    schemaVersion: 1,
    runId: assertion.runId,
    record: { id: version.recordId, repository: version.repository },
    version: version.number,
    recordDigest: version.recordDigest,
    article: { doi: article.doi, asGiven: article.asGiven, title: link.articleTitle ?? null },
    output: { ...label, asPrinted: link.output.trim(), componentDoi: component?.doi ?? null },
    run: { command: link.command ?? null, inputs: link.inputs, files: link.files },
    assertedBy: assertion.by,
    assertedRole: link.role,
    assertedAt: assertion.at.toISOString(),
  };
}

/** @throws ArchiveError DOI_INVALID naming the field */
export function requireDoi(text: string, field: string): { doi: string; asGiven: string } {
  const doi = parseDoi(text);
  if (doi === null) throw new ArchiveError('DOI_INVALID', { field, value: text.slice(0, 300) });
  return doi;
}
