import { GRADE_MEANING, type Resolution } from '@envarium/schema';
import type { VNode } from 'preact';
import { count, Day, readableSize } from './readable.js';

/** Every way back to this environment, how exact it is, and since when that is known. */
export function RoutesSection({ resolution: { routes, attempts } }: { resolution: Resolution }): VNode {
  return (
    <section aria-labelledby="routes">
      <h2 id="routes">Ways to obtain it</h2>
      {routes.map((route) => (
        <div class="card" key={route.kind}>
          <p>
            <strong>{route.kind}</strong> <span class="tag good">{route.grade}</span> {GRADE_MEANING[route.grade]}
          </p>
          <p>{route.explanation}</p>
          {route.fixity !== null && (
            <p class="soft">
              {count(route.fixity.blobCount, 'blob')}, {readableSize(route.fixity.size)}; last fixity check of all of
              them: {route.fixity.checkedAt === null ? 'not completed yet' : <Day at={route.fixity.checkedAt} />}
            </p>
          )}
        </div>
      ))}
      {routes.length === 0 && <p>No way to obtain it is known at the moment.</p>}
      {attempts.length > 0 && (
        <ul>
          {attempts.map((attempt) => (
            <li key={attempt.source}>
              {attempt.source}: {attempt.reason}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
