import type { EnvironmentDiff, Evidence, FactDiff, PackageDiff } from '@envarium/schema';
import type { VNode } from 'preact';
import { Page } from './layout.js';
import { count, Foreign } from './readable.js';
import { Field } from './search-form.js';

const VERSION_HINT = 'as in lab/eeg@v1 or env-3k7q-9w2x@v1';

/** Rows of the package table; the rest is in the API. */
const PACKAGES_SHOWN = 500;

export interface DiffText {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface DiffPageProps {
  readonly text: DiffText;
  readonly diff?: EnvironmentDiff;
  readonly problem?: string;
}

export function DiffPage({ text, diff, problem }: DiffPageProps): VNode {
  return (
    <Page title="What changed between two versions - Envarium">
      {diff === undefined ? (
        <h1>What changed between two versions</h1>
      ) : (
        <h1>
          What changed from <Foreign text={diff.from.name} /> to <Foreign text={diff.to.name} />
        </h1>
      )}
      {problem !== undefined && (
        <div class="notice bad" role="alert">
          <p>{problem}</p>
        </div>
      )}
      {diff !== undefined && <Answer diff={diff} />}
      {diff !== undefined && <h2>Compare others</h2>}
      <DiffForm text={text} />
    </Page>
  );
}

function Answer({ diff }: { diff: EnvironmentDiff }): VNode {
  const facts = [...diff.numerics, ...diff.runtimes, ...diff.systems, ...diff.baseImages, ...diff.variables];
  return (
    <>
      <ul>
        {diff.summary.map((sentence) => (
          <li key={sentence}>
            <Foreign text={sentence} />
          </li>
        ))}
      </ul>
      <FactTable id="facts" title="Numeric libraries, runtimes, systems and variables" facts={facts} diff={diff} />
      <FactTable id="machines" title="Machines" facts={diff.hardware} diff={diff} />
      {diff.packages.length > 0 && <PackageTable diff={diff} />}
    </>
  );
}

function FactTable({
  id,
  title,
  facts,
  diff,
}: {
  id: string;
  title: string;
  facts: readonly FactDiff[];
  diff: EnvironmentDiff;
}): VNode | null {
  if (facts.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div class="scroll" role="region" aria-label={title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <Sides diff={diff} />
            </tr>
          </thead>
          <tbody>
            {facts.map(({ what, scope, from, to, fromEvidence, toEvidence }) => (
              <tr key={`${scope ?? ''} ${what}`}>
                <th scope="row">
                  <Foreign text={what} />
                </th>
                <Values values={from} evidence={fromEvidence} />
                <Values values={to} evidence={toEvidence} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function PackageTable({ diff }: { diff: EnvironmentDiff }): VNode {
  const shown = diff.packages.slice(0, PACKAGES_SHOWN);
  const rest = diff.packages.length - shown.length;
  return (
    <section aria-labelledby="packages">
      <h2 id="packages">Packages</h2>
      <div class="scroll" role="region" aria-label="Packages" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Change</th>
              <th scope="col">Package</th>
              <th scope="col">Scope</th>
              <Sides diff={diff} />
            </tr>
          </thead>
          <tbody>
            {shown.map((each) => (
              <PackageRow key={`${each.scope} ${each.ecosystem} ${each.name}`} each={each} />
            ))}
          </tbody>
        </table>
      </div>
      {rest > 0 && <p>{count(rest, 'more package')} in the REST interface: /api/v1/diff.</p>}
    </section>
  );
}

function PackageRow({ each }: { each: PackageDiff }): VNode {
  return (
    <tr>
      <td>{each.change}</td>
      <th scope="row">
        <Foreign text={each.name} /> <span class="soft">{each.ecosystem}</span>
        {each.isNumerical && <span class="tag warn">computes</span>}
      </th>
      <td>{each.scope}</td>
      <Values values={each.from} />
      <Values values={each.to} />
    </tr>
  );
}

function Sides({ diff }: { diff: EnvironmentDiff }): VNode {
  return (
    <>
      {[diff.from, diff.to].map(({ name }, index) => (
        <th scope="col" key={index}>
          <Foreign text={name} />
        </th>
      ))}
    </>
  );
}

function Values({ values, evidence = [] }: { values: readonly string[]; evidence?: readonly Evidence[] }): VNode {
  const places = evidence.map(({ file, line }) => (line === null ? file : `${file}:${line}`));
  return (
    <td>
      {values.length === 0 ? <span class="soft">not named</span> : <Foreign text={values.join(', ')} />}
      {places.length > 0 && (
        <span class="soft">
          {' '}
          <Foreign text={`(${places.join(', ')})`} />
        </span>
      )}
    </td>
  );
}

function DiffForm({ text }: { text: DiffText }): VNode {
  return (
    <form class="card" action="/diff" method="get">
      <fieldset>
        <legend>Compare two versions</legend>
        <div class="fields">
          <Field name="from" label="Version" hint={VERSION_HINT} value={text.from} />
          <Field name="to" label="Other version" hint={VERSION_HINT} value={text.to} />
        </div>
      </fieldset>
      <button type="submit">Compare</button>
    </form>
  );
}
