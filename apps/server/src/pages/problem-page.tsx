import type { ArchiveError } from '@envarium/errors';
import type { VNode } from 'preact';
import { Page } from './layout.js';
import { SearchForm } from './search-form.js';

interface ProblemPageProps {
  readonly error: ArchiveError;
  readonly requestId: string;
}

export function ProblemPage({ error, requestId }: ProblemPageProps): VNode {
  const title = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}`;
  return (
    <Page title={`${title} - Envarium`}>
      <p class="kicker">
        {error.status} <code>{error.code}</code>
      </p>
      <h1>{title}</h1>
      {error.remedy !== undefined && <p>{error.remedy}</p>}
      {error.status === 404 && (
        <p>
          Drafts and private records are not shown here: use <code>envarium show</code> with a token of their namespace.
        </p>
      )}
      {error.status >= 500 && (
        <p>
          Request <code>{requestId}</code>
        </p>
      )}
      <SearchForm />
    </Page>
  );
}
