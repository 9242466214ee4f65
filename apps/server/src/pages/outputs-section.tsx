import type { HashedFile, OutputLink } from '@envarium/schema';
import type { VNode } from 'preact';
import { articlePath, whatRanPath } from './page-paths.js';
import { Day, Digest, Foreign, readableSize } from './readable.js';

const STATUS = {
  proposed: { tone: 'warn', text: 'proposed' },
  confirmed: { tone: 'good', text: 'confirmed' },
  disputed: { tone: 'bad', text: 'disputed' },
  withdrawn: { tone: 'bad', text: 'withdrawn' },
} as const satisfies Record<OutputLink['status'], { tone: string; text: string }>;

export function OutputsSection({ links }: { links: readonly OutputLink[] }): VNode {
  return (
    <section aria-labelledby="outputs">
      <h2 id="outputs">What it produced</h2>
      {links.length === 0 && <p>No output of an article is linked to this version yet.</p>}
      {links.map((link) => (
        <article class="card" key={link.run.id}>
          <h3>
            <a href={whatRanPath({ doi: link.article.doi, output: link.output.label })}>{link.output.label}</a> of{' '}
            <a href={articlePath(link.article.doi)}>
              <Foreign text={link.article.title ?? link.article.doi} />
            </a>
          </h3>
          <Claim link={link} />
          <RunDetails link={link} />
        </article>
      ))}
    </section>
  );
}

/** Who says so, in which role, and whether it stands: a link is a claim, not a fact of ours. */
export function Claim({ link }: { link: OutputLink }): VNode {
  const { tone, text } = STATUS[link.status];
  return (
    <p class="facts">
      <span class={`tag ${tone}`}>{text}</span>
      <span>
        asserted by <Foreign text={link.assertedBy} /> as {link.assertedRole}, <Day at={link.assertedAt} />
      </span>
    </p>
  );
}

export function RunDetails({ link: { run } }: { link: OutputLink }): VNode {
  return (
    <>
      {run.command === null ? (
        <p class="soft">The command was not recorded.</p>
      ) : (
        <pre tabIndex={0}>
          <code>{run.command}</code>
        </pre>
      )}
      <HashedFiles caption="Files it made" files={run.files} />
      <HashedFiles caption="Files it read" files={run.inputs} />
      <p class="soft">
        Archived as <Digest value={run.artifactDigest} />
      </p>
    </>
  );
}

function HashedFiles({ caption, files }: { caption: string; files: readonly HashedFile[] }): VNode | null {
  if (files.length === 0) return null;
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col">Digest</th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.digest}>
              <td>
                <Foreign text={file.name} />
              </td>
              <td class="number">{readableSize(file.size)}</td>
              <td>
                <Digest value={file.digest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
