import type { Page as ListPage } from '@envarium/database';
import { versionReference } from '@envarium/records';
import type { OutputLink, Resolution } from '@envarium/schema';
import type { VNode } from 'preact';
import { PullList } from './image-section.js';
import { Page } from './layout.js';
import { Claim, RunDetails } from './outputs-section.js';
import { articlePath, versionPath, whatRanPath } from './page-paths.js';
import { Digest, Foreign } from './readable.js';
import { RouteList } from './routes-section.js';
import { SearchForm, type SearchText } from './search-form.js';

export interface WhatRanAnswer extends ListPage<OutputLink> {
  /** By version; of the first few only. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
}

interface WhatRanPageProps {
  readonly text: SearchText;
  readonly answer?: WhatRanAnswer;
  readonly problem?: string;
}

export function WhatRanPage({ text, answer, problem }: WhatRanPageProps): VNode {
  return (
    <Page title="What ran this? - Envarium">
      {answer === undefined ? <h1>What ran a published result</h1> : <h1>{heading(text)}</h1>}
      {problem !== undefined && (
        <div class="notice bad" role="alert">
          <p>{problem}</p>
        </div>
      )}
      {answer !== undefined && <Answer text={text} answer={answer} />}
      {answer !== undefined && <h2>Ask again</h2>}
      <SearchForm text={text} />
    </Page>
  );
}

function heading({ doi, output, file }: SearchText): string {
  if (file) return 'What made this file';
  return output ? `What ran ${output} of ${doi}` : `What ran ${doi}`;
}

function Answer({ text, answer }: { text: SearchText; answer: WhatRanAnswer }): VNode {
  if (answer.items.length === 0) {
    return (
      <div class="notice">
        <p>
          <strong>Nobody has linked this to an archived environment yet.</strong>
        </p>
        <p>
          That says nothing about whether it can be run again. Authors link it with <code>envarium link</code>.
        </p>
      </div>
    );
  }
  return (
    <>
      {answer.items.map((link) => (
        <AnswerCard
          key={`${link.run.id} ${link.output.label}`}
          link={link}
          resolution={answer.resolutions.get(versionReference(link.version)) ?? null}
        />
      ))}
      {answer.next !== null && (
        <p>
          <a href={whatRanPath({ doi: text.doi, output: text.output, file: text.file, cursor: answer.next })}>
            More claims
          </a>
        </p>
      )}
    </>
  );
}

function AnswerCard({ link, resolution }: { link: OutputLink; resolution: Resolution | null }): VNode {
  const { version, article, output } = link;
  return (
    <article class="card">
      <h2>
        <a href={versionPath(version)}>
          <Foreign text={version.title} />
        </a>
        , version {version.number}
      </h2>
      <p>
        {output.label} of{' '}
        <a href={articlePath(article.doi)}>
          <Foreign text={article.title ?? article.doi} />
        </a>
      </p>
      <Claim link={link} />
      <RunDetails link={link} />
      {resolution !== null && (
        <>
          <h3>
            <a href={`${versionPath(version)}#routes`}>Ways to obtain the environment</a>
          </h3>
          <RouteList resolution={resolution} />
        </>
      )}
      <Pull link={link} isPossible={resolution?.routes.some(({ kind }) => kind === 'pull') ?? true} />
    </article>
  );
}

function Pull({ link: { version, pull }, isPossible }: { link: OutputLink; isPossible: boolean }): VNode {
  if (version.imageDigest === null || pull === null) {
    return <p>No image was deposited with this version; its package files are on its page.</p>;
  }
  if (!isPossible)
    return <p class="notice bad">The image cannot be pulled at the moment: its bytes are damaged here.</p>;
  return (
    <>
      <h3>Pull the exact image</h3>
      <p>
        <Digest value={version.imageDigest} />
      </p>
      <PullList pull={pull} />
    </>
  );
}
