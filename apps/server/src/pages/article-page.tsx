import type { Article, Output, OutputLink } from '@envarium/schema';
import type { VNode } from 'preact';
import { Page } from './layout.js';
import { Claim } from './outputs-section.js';
import { articlePath, versionPath, whatRanPath } from './page-paths.js';
import { count, Foreign } from './readable.js';

interface ArticlePageProps {
  readonly article: Article;
  readonly outputs: readonly Output[];
  readonly links: readonly OutputLink[];
  readonly publicUrl: string;
}

export function ArticlePage({ article, outputs, links, publicUrl }: ArticlePageProps): VNode {
  const title = article.title ?? article.doi;
  return (
    <Page title={`${title} - Envarium`} canonical={`${publicUrl}${articlePath(article.doi)}`}>
      <p class="kicker">
        Article <a href={article.url}>{article.url}</a>
      </p>
      <h1>
        <Foreign text={title} />
      </h1>
      <p>{count(outputs.length, 'output')} of this article can be traced to an archived environment.</p>
      {outputs.map((output) => (
        <OutputSection
          key={output.label}
          article={article}
          output={output}
          links={links.filter((link) => link.article.doi === article.doi && link.output.label === output.label)}
        />
      ))}
    </Page>
  );
}

interface OutputSectionProps {
  readonly article: Article;
  readonly output: Output;
  readonly links: readonly OutputLink[];
}

function OutputSection({ article, output, links }: OutputSectionProps): VNode {
  return (
    <section>
      <h2>
        <a href={whatRanPath({ doi: article.doi, output: output.label })}>{output.label}</a>
      </h2>
      {output.componentDoi !== null && (
        <p class="soft">
          DOI of its own: <code>{output.componentDoi}</code>
        </p>
      )}
      {links.map((link) => (
        <div class="card" key={link.run.id}>
          <p>
            <a href={versionPath(link.version)}>
              <Foreign text={link.version.title} />
            </a>
            , version {link.version.number} <code>{link.version.repository}</code>
          </p>
          <Claim link={link} />
          {link.run.command !== null && (
            <pre tabIndex={0}>
              <code>{link.run.command}</code>
            </pre>
          )}
        </div>
      ))}
    </section>
  );
}
