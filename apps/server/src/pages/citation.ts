import type { RecordVersion } from '@envarium/schema';
import { versionPath } from './page-paths.js';

/** How to cite a version, in the order of the DataCite recommendation: creator (year): title. version. publisher. identifier. */
export function citation(version: RecordVersion, publicUrl: string): string {
  const year = (version.publishedAt ?? version.createdAt).slice(0, 4);
  const digest = version.recordDigest === null ? '' : `, ${version.recordDigest}`;
  return (
    `${version.createdBy} (${year}): ${version.title}. Version ${version.number}. ` +
    `Envarium, computational environment ${version.recordId}. ${publicUrl}${versionPath(version)}${digest}`
  );
}

/** https://schema.org/SoftwareApplication where there is an image to run, https://schema.org/Dataset where not. */
export function versionJsonLd(
  version: RecordVersion,
  articles: readonly { readonly url: string; readonly title: string | null }[],
  publicUrl: string,
): object {
  const url = `${publicUrl}${versionPath(version)}`;
  return {
    '@context': 'https://schema.org',
    '@type': version.imageDigest === null ? 'Dataset' : 'SoftwareApplication',
    '@id': url,
    url,
    name: version.title,
    ...(version.description !== null && { description: version.description }),
    identifier: [version.recordId, ...(version.recordDigest === null ? [] : [version.recordDigest])],
    version: String(version.number),
    creator: { '@type': 'Person', name: version.createdBy },
    dateCreated: version.createdAt,
    ...(version.publishedAt !== null && { datePublished: version.publishedAt }),
    ...(version.imageDigest !== null && { applicationCategory: 'Computational environment' }),
    isAccessibleForFree: true,
    publisher: { '@type': 'Organization', name: 'Envarium', url: `${publicUrl}/` },
    subjectOf: articles.map((article) => ({
      '@type': 'ScholarlyArticle',
      '@id': article.url,
      url: article.url,
      ...(article.title !== null && { name: article.title }),
    })),
  };
}
