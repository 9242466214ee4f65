import {
  type Grade,
  GRADE_MEANING,
  type IsolationEvidence,
  type OutputComparison,
  type RebuildPredicate,
  type ReceiptDetail,
  type RerunPredicate,
} from '@envarium/schema';
import type { VNode } from 'preact';
import { count, Day, Foreign } from './readable.js';

const GRADE_TONE = {
  identical: 'good',
  'same-content': 'good',
  'same-files': 'good',
  'same-files-but-noise': 'good',
  'same-packages': 'warn',
  partial: 'warn',
  differs: 'bad',
  unproven: 'warn',
  unobtainable: 'bad',
} as const satisfies Record<Grade, string>;

const RERUN = {
  identical: { tone: 'good', text: 'the same outputs, byte for byte' },
  'within-tolerance': { tone: 'good', text: 'the same outputs, within the stated tolerance' },
  different: { tone: 'bad', text: 'other outputs' },
  failed: { tone: 'bad', text: 'the run failed' },
} as const satisfies Record<RerunPredicate['verdict'], { tone: string; text: string }>;

const OUTPUT_TONE = {
  identical: 'good',
  'within-tolerance': 'good',
  different: 'bad',
  missing: 'bad',
  unexpected: 'warn',
} as const satisfies Record<OutputComparison['verdict'], string>;

const NETWORK = {
  off: 'network off',
  replay: 'network off but for the recording',
  record: 'network on, recorded',
} as const satisfies Record<IsolationEvidence['network'], string>;

/** "Same environment" and "same result" are two statements: one receipt makes one of them. */
export function ReceiptCard({ receipt }: { receipt: ReceiptDetail }): VNode {
  return (
    <article class="card">
      {receipt.rebuild !== null && <Rebuild rebuild={receipt.rebuild} />}
      {receipt.rerun !== null && <Rerun rerun={receipt.rerun} />}
      {!receipt.isProof && (
        <p class="warn">Not a proof: it was not cut off from the network, or something was missing.</p>
      )}
      <p class="soft">
        <Day at={receipt.createdAt} />; <a href={`/api/v1/receipts/${receipt.id}/envelope`}>signed receipt</a>,{' '}
        <a href={`/api/v1/receipts/${receipt.id}`}>its contents</a>
      </p>
    </article>
  );
}

function Rebuild({ rebuild }: { rebuild: RebuildPredicate }): VNode {
  const { grade, comparison, builder, rehearsal, isolation } = rebuild;
  const material = comparison.differences.filter(({ isMaterial }) => isMaterial);
  return (
    <>
      <h3>Same environment?</h3>
      <p>
        <span class={`tag ${GRADE_TONE[grade]}`}>{grade}</span> {GRADE_MEANING[grade]}
      </p>
      <p>
        <Foreign text={comparison.summary} />
      </p>
      {material.length > 0 && (
        <ul>
          {material.map(({ name, count: number, paths }) => (
            <li key={name}>
              {name}: {count(number, 'path')}, as in <Foreign text={paths.slice(0, 3).join(', ')} />
            </li>
          ))}
        </ul>
      )}
      <p class="facts">
        <span>
          built by {builder.name} {builder.version}
        </span>
        <Isolation isolation={isolation} />
        {rehearsal !== null && (
          <span>
            rehearsal {rehearsal.attempt} of {rehearsal.of}
          </span>
        )}
      </p>
    </>
  );
}

function Rerun({ rerun }: { rerun: RerunPredicate }): VNode {
  const { tone, text } = RERUN[rerun.verdict];
  return (
    <>
      <h3>Same result?</h3>
      <p>
        <span class={`tag ${tone}`}>{rerun.verdict}</span> {text}
      </p>
      <pre tabIndex={0}>
        <code>{rerun.command}</code>
      </pre>
      {rerun.outputs.length > 0 && (
        <div class="scroll" role="region" aria-label="Outputs" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Output</th>
                <th scope="col">Verdict</th>
                <th scope="col">Compared by</th>
                <th scope="col">Largest difference</th>
              </tr>
            </thead>
            <tbody>
              {rerun.outputs.map((output) => (
                <tr key={output.name}>
                  <td>
                    <Foreign text={output.name} />
                  </td>
                  <td>
                    <span class={`tag ${OUTPUT_TONE[output.verdict]}`}>{output.verdict}</span>
                  </td>
                  <td>{output.how === 'none' ? 'nothing' : output.how}</td>
                  <td>
                    <Foreign text={output.detail} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="facts">
        <span>environment by {rerun.route}</span>
        <Isolation isolation={rerun.isolation} />
      </p>
    </>
  );
}

/** Said only as far as it was tested from inside. */
function Isolation({ isolation: { network, canary, clock } }: { isolation: IsolationEvidence }): VNode {
  return (
    <>
      <span>
        {NETWORK[network]}
        {canary === 'refused' && ', tested from inside'}
        {canary === 'reached' && <strong class="bad">, but the outside was reached</strong>}
      </span>
      {clock.pinnedTo !== null && (
        <span>
          clock at <Day at={clock.pinnedTo} />
        </span>
      )}
    </>
  );
}
