import type { PointerSummary } from '@envarium/decay';
import type { UpstreamPointer } from '@envarium/schema';
import type { VNode } from 'preact';
import { count, Day, Foreign } from './readable.js';

const STATE = {
  unchecked: { tone: 'warn', text: 'not checked yet' },
  ok: { tone: 'good', text: 'answers' },
  changed: { tone: 'bad', text: 'changed' },
  dead: { tone: 'bad', text: 'gone' },
} as const satisfies Record<UpstreamPointer['state'], { tone: string; text: string }>;

/** Whether the places that it came from are still there. What is kept here does not depend on them. */
export function PointersSection({ summary }: { summary: PointerSummary }): VNode | null {
  const total = Object.values(summary.counts).reduce((sum, number) => sum + number, 0);
  if (total === 0) return null;
  return (
    <section aria-labelledby="pointers">
      <h2 id="pointers">Where it came from</h2>
      <p>
        {count(total, 'place')} outside of this archive, of which {summary.counts.ok} answer as they did,{' '}
        {summary.counts.changed} give something else now and {summary.counts.dead} are gone. Last check:{' '}
        {summary.lastCheckedAt === null ? 'none yet' : <Day at={summary.lastCheckedAt} />}. The copies here do not
        depend on them.
      </p>
      {summary.troubled.length > 0 && (
        <ul>
          {summary.troubled.map(({ kind, reference, state, stateSince }) => (
            <li key={`${kind} ${reference}`}>
              <span class={`tag ${STATE[state].tone}`}>{STATE[state].text}</span>{' '}
              <code class="digest">
                <Foreign text={reference} />
              </code>
              {stateSince !== null && (
                <>
                  {' '}
                  since <Day at={stateSince} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
