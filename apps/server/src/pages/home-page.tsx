import type { ArchiveRecord } from '@envarium/schema';
import type { VNode } from 'preact';
import { Page } from './layout.js';
import { recordPath } from './page-paths.js';
import { Day, Foreign } from './readable.js';
import { SearchForm } from './search-form.js';

interface HomePageProps {
  readonly records: readonly ArchiveRecord[];
  readonly publicUrl: string;
}

export function HomePage({ records, publicUrl }: HomePageProps): VNode {
  return (
    <Page title="Envarium: the environments behind published results" canonical={`${publicUrl}/`}>
      <h1>The environments behind published results</h1>
      <p class="lead">
        Envarium archives computational environments: container images, package files and the hardware they ran on.
        Authors and journals link a published version to the figures, tables and numbers that came out of it. Ask what
        ran a result, and pull the exact image, byte for byte.
      </p>
      <SearchForm />
      <section aria-labelledby="records">
        <h2 id="records">Newest records</h2>
        <RecordList records={records} />
      </section>
      <section aria-labelledby="deposit">
        <h2 id="deposit">Deposit an environment</h2>
        <p>Three commands, where the analysis ran. The account and its token come from the operator of this archive.</p>
        <pre tabIndex={0}>
          <code>{`envarium login ${publicUrl}
envarium deposit . --record lab/eeg --image docker-archive:eeg.tar
envarium publish lab/eeg@v1`}</code>
        </pre>
        <p>Then say what it produced:</p>
        <pre tabIndex={0}>
          <code>envarium link lab/eeg@v1 --article 10.5555/12345678 --output "Figure 3"</code>
        </pre>
      </section>
    </Page>
  );
}

function RecordList({ records }: { records: readonly ArchiveRecord[] }): VNode {
  if (records.length === 0) return <p>Nothing is published here yet.</p>;
  return (
    <ul class="records">
      {records.map((record) => (
        <li key={record.id}>
          <a href={recordPath(record.id)}>
            <Foreign text={record.title} />
          </a>
          <div class="soft">
            <code>{record.repository}</code> by <Foreign text={record.createdBy} />, <Day at={record.createdAt} />
            {record.latestVersion !== null && `, version ${record.latestVersion}`}
          </div>
        </li>
      ))}
    </ul>
  );
}
