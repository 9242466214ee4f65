import type { PointerSummary } from '@envarium/decay';
import type { Article, RecordVersion } from '@envarium/schema';
import type { VNode } from 'preact';
import { citation, versionJsonLd } from './citation.js';
import { EnvironmentSection } from './environment-section.js';
import { HardwareSection } from './hardware-section.js';
import { IdentitySection } from './identity-section.js';
import { ImageSection } from './image-section.js';
import { Page } from './layout.js';
import { OutputsSection } from './outputs-section.js';
import { PackageFilesSection } from './package-files-section.js';
import { diffPath, recordPath, versionPath } from './page-paths.js';
import { ProofSection } from './proof-section.js';
import { PointersSection } from './pointers-section.js';
import { Day, Foreign } from './readable.js';
import { RoutesSection } from './routes-section.js';
import type { VersionView } from './version-view.service.js';

export function RecordPage(view: VersionView & { readonly pointers: PointerSummary }): VNode {
  const { version, publicUrl } = view;
  const articles = new Map<string, Article>(view.links.map(({ article }) => [article.doi, article]));
  return (
    <Page
      title={`${version.title} (version ${version.number}) - Envarium`}
      canonical={`${publicUrl}${versionPath(version)}`}
      jsonLd={versionJsonLd(version, [...articles.values()], publicUrl)}
    >
      <p class="kicker">
        Record <a href={recordPath(version.recordId)}>{version.recordId}</a> <code>{version.repository}</code>
      </p>
      <h1>
        <Foreign text={version.title} />
      </h1>
      <p class="facts">
        <span class="tag">Version {version.number}</span>
        <StateTag state={version.state} />
        <span>
          deposited by <Foreign text={version.createdBy} />, <Day at={version.createdAt} />
        </span>
        {version.publishedAt !== null && (
          <span>
            published by <Foreign text={version.publishedBy ?? 'unknown'} />, <Day at={version.publishedAt} />
          </span>
        )}
      </p>
      <Withdrawal version={version} />
      <NewerVersion view={view} />
      {version.description !== null && (
        <p>
          <Foreign text={version.description} />
        </p>
      )}
      <h2>How to cite</h2>
      <pre tabIndex={0}>
        <code>{citation(version, publicUrl)}</code>
      </pre>
      <ImageSection view={view} />
      <OutputsSection links={view.links} />
      <EnvironmentSection view={view} />
      <PackageFilesSection version={version} files={view.packageFiles} />
      <HardwareSection version={version} fingerprint={view.hardware} />
      <RoutesSection resolution={view.resolution} />
      <ProofSection view={view} />
      <PointersSection summary={view.pointers} />
      <IdentitySection view={view} />
      <VersionsSection view={view} />
    </Page>
  );
}

export function StateTag({ state }: { state: RecordVersion['state'] }): VNode {
  const tone = { draft: 'warn', in_review: 'warn', published: 'good', withdrawn: 'bad' }[state];
  return <span class={`tag ${tone}`}>{state.replace('_', ' ')}</span>;
}

function Withdrawal({ version }: { version: RecordVersion }): VNode | null {
  if (version.withdrawnAt === null) return null;
  return (
    <div class="notice bad">
      <p>
        <strong>Withdrawn</strong> on <Day at={version.withdrawnAt} />
        {version.withdrawalReason === null ? ', without a stated reason.' : ': '}
        {version.withdrawalReason !== null && <Foreign text={version.withdrawalReason} />}
      </p>
    </div>
  );
}

function NewerVersion({ view: { record, version } }: { view: VersionView }): VNode | null {
  if (record.latestVersion === null || record.latestVersion <= version.number) return null;
  return (
    <div class="notice">
      <p>
        There is a newer version:{' '}
        <a href={versionPath({ recordId: record.id, number: record.latestVersion })}>version {record.latestVersion}</a>.
        This one stays as it is.
      </p>
    </div>
  );
}

function VersionsSection({ view: { version, versions } }: { view: VersionView }): VNode {
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <ul class="records">
        {versions.items.map((each) => (
          <li key={each.number}>
            {each.number === version.number ? (
              <strong aria-current="page">Version {each.number}</strong>
            ) : (
              <a href={versionPath(each)}>Version {each.number}</a>
            )}{' '}
            {each.number !== version.number && (
              <>
                (<a href={differencePath(version, each)}>what changed</a>){' '}
              </>
            )}
            <StateTag state={each.state} /> <Day at={each.publishedAt ?? each.createdAt} />{' '}
            <Foreign text={each.title} />
          </li>
        ))}
      </ul>
      {versions.next !== null && <p>Older versions are in the REST interface.</p>}
    </section>
  );
}

/** From the older to the newer. */
function differencePath(a: RecordVersion, b: RecordVersion): string {
  return a.number < b.number ? diffPath(a, b) : diffPath(b, a);
}
