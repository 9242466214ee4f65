import type { VNode } from 'preact';
import { CoverageNote } from './coverage-note.js';
import { versionApiPath } from './page-paths.js';
import { count, Digest, Foreign } from './readable.js';
import type { VersionView } from './version-view.service.js';

export function EnvironmentSection({ view }: { view: VersionView }): VNode {
  const { environment } = view.version;
  return (
    <section aria-labelledby="environment">
      <h2 id="environment">Environment</h2>
      {environment === null ? (
        <p>No package file was understood, so what was asked for is not known. That is not the same as nothing.</p>
      ) : (
        <>
          <p>
            Package files name
            {count(environment.packageCount, 'package')}
            {environment.ecosystems.length > 0 && ': '}
            {environment.ecosystems
              .map((each) => `${each.ecosystem} ${each.packageCount.toLocaleString('en')}`)
              .join(', ')}
          </p>
          <p class="soft">
            <a href={versionApiPath(view.version, 'environment')}>Environment manifest</a>{' '}
            <Digest value={environment.digest} />
          </p>
          <Exports view={view} />
        </>
      )}
      <Facts view={view} />
      {view.coverage !== null && <CoverageNote coverage={view.coverage} version={view.version} />}
      <PackageTable view={view} />
    </section>
  );
}

/** What it computed with, and what it stood on. */
function Facts({ view: { version, facts } }: { view: VersionView }): VNode | null {
  if (facts === null || facts.statements.length === 0) return null;
  return (
    <div id="environment-facts">
      <ul>
        {facts.statements.map((statement) => (
          <li key={statement}>
            <Foreign text={statement} />
          </li>
        ))}
      </ul>
      <p class="soft">
        <a href={versionApiPath(version, 'environment-facts')}>The same as data</a>
      </p>
    </div>
  );
}

/** Lock files of the ecosystems that are there; whether they are exact, the export itself says. */
const LOCK_FORMATS = [
  ['pypi', 'pip', 'pip, with hashes'],
  ['conda', 'conda', 'conda, explicit'],
  ['cran', 'renv', 'renv.lock'],
  ['npm', 'npm', 'package-lock.json'],
] as const;

function Exports({ view: { version } }: { view: VersionView }): VNode {
  const link = (format: string, text: string): VNode => (
    <a href={versionApiPath(version, `export/${format}`)}>{text}</a>
  );
  const ecosystems = new Set(version.environment?.ecosystems.map(({ ecosystem }) => ecosystem));
  const locks = LOCK_FORMATS.filter(([ecosystem]) => ecosystems.has(ecosystem));
  return (
    <p class="soft">
      Bill of materials: {link('cyclonedx', 'CycloneDX')}, {link('spdx', 'SPDX')}
      {locks.length > 0 && '. Lock file, where every package is exact: '}
      {locks.map(([, format, text], index) => (
        <>
          {index > 0 && '; '}
          {link(format, text)}
        </>
      ))}
    </p>
  );
}

function PackageTable({ view: { version, packages } }: { view: VersionView }): VNode {
  if (packages.items.length === 0) return <p>No package with an exact version was found.</p>;
  return (
    <details open={packages.items.length <= 40}>
      <summary>
        {packages.next === null ? 'Packages with an exact version' : `The first ${packages.items.length} packages`}
      </summary>
      <div class="scroll" role="region" aria-label="Packages" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Ecosystem</th>
              <th scope="col">Package</th>
              <th scope="col">Version</th>
              <th scope="col">Build</th>
              <th scope="col">Scope</th>
              <th scope="col">Standing</th>
            </tr>
          </thead>
          <tbody>
            {packages.items.map((each) => (
              <tr key={[each.ecosystem, each.name, each.version, each.build, each.scope, each.standing].join(' ')}>
                <td>{each.ecosystem}</td>
                <td>
                  <Foreign text={each.name} />
                </td>
                <td>
                  <Foreign text={each.version} />
                </td>
                <td>
                  <Foreign text={each.build} />
                </td>
                <td>{each.scope}</td>
                <td>{each.standing}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {packages.next !== null && (
        <p>
          <a href={versionApiPath(version, `packages?cursor=${encodeURIComponent(packages.next)}`)}>
            The rest is in the REST interface
          </a>
          .
        </p>
      )}
    </details>
  );
}
