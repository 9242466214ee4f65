import type { CoverageSource, CoverageState, EnvironmentCoverage, RecordVersion } from '@envarium/schema';
import type { VNode } from 'preact';
import { versionApiPath } from './page-paths.js';
import { count, Foreign } from './readable.js';

const PLACES_SHOWN = 20;
const STATES: Readonly<Record<CoverageState, string>> = {
  read: 'read',
  'partly-read': 'read in part',
  'not-understood': 'not understood',
  pending: 'not read yet',
};

/** Stands above the packages: who looks for one and does not find it must know what that means. */
export function CoverageNote({ coverage, version }: { coverage: EnvironmentCoverage; version: RecordVersion }): VNode {
  const images = coverage.sources.filter(({ kind }) => kind === 'image');
  const files = coverage.sources.filter(({ kind }) => kind === 'package-file');
  return (
    <div id="coverage">
      <p class={coverage.isComplete ? 'soft' : 'warn'}>{coverage.statement}</p>
      <ul>
        {images.map((source) => (
          <li key={source.name}>
            Image {source.platform !== null && `for ${source.platform} `}
            <SourceState source={source} />
            {source.asks.length > 0 && (
              <ul>
                {source.asks.map((need) => (
                  <li key={need}>
                    asks for <Foreign text={need} />
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
        {files.length > 0 && (
          <li>
            {count(files.length, 'package file')}, {files.filter(({ state }) => state === 'read').length} of them wholly
            understood
          </li>
        )}
      </ul>
      {coverage.notUnderstoodCount > 0 && (
        <details>
          <summary>{count(coverage.notUnderstoodCount, 'place')} not understood</summary>
          <ul>
            {coverage.notUnderstood.slice(0, PLACES_SHOWN).map(({ source, place, line, message }) => (
              <li key={[source, place, line, message].join(' ')}>
                <code>
                  <Foreign text={line === null ? place : `${place}:${line}`} />
                </code>{' '}
                <Foreign text={message} />
              </li>
            ))}
          </ul>
          {coverage.notUnderstoodCount > PLACES_SHOWN && (
            <p>
              <a href={versionApiPath(version, 'coverage')}>More is in the REST interface</a>.
            </p>
          )}
        </details>
      )}
    </div>
  );
}

function SourceState({ source: { state, packageCount, message, lookedFor } }: { source: CoverageSource }): VNode {
  return (
    <>
      {STATES[state]}
      {packageCount > 0 && `: ${count(packageCount, 'package')}`}
      {lookedFor.length > 0 && `, looked for as ${lookedFor.join(', ')}`}
      {message !== null && (
        <>
          ; <Foreign text={message} />
        </>
      )}
    </>
  );
}
