import type { Grade, OtherHolder, Resolution, Route, RouteReceipt } from '@envarium/schema';
import type { VNode } from 'preact';
import { count, Day, Digest, Foreign, readableSize } from './readable.js';

const MEANING = {
  identical: { text: 'the same image, byte for byte', tone: 'good' },
  'same-content': { text: 'every layer and the configuration equal', tone: 'good' },
  'same-files': { text: 'the same files', tone: 'good' },
  'same-files-but-noise': { text: 'the same files, but for logs and caches', tone: 'good' },
  'same-packages': { text: 'the same packages and versions', tone: 'warn' },
  partial: { text: 'a part of it', tone: 'warn' },
  differs: { text: 'something else', tone: 'bad' },
  unproven: { text: 'not tried yet', tone: 'warn' },
  unobtainable: { text: 'no way is left', tone: 'bad' },
} as const satisfies Record<Grade, { text: string; tone: string }>;

const STATE = {
  unchecked: 'not checked since',
  ok: 'gave the right bytes',
  changed: 'gives other bytes',
  dead: 'gone',
} as const satisfies Record<OtherHolder['state'], string>;

const HOLDERS_SHOWN = 5;

/** Every way back to this environment, how exact it is, and since when that is known. */
export function RoutesSection({ resolution: { routes, attempts } }: { resolution: Resolution }): VNode {
  return (
    <section aria-labelledby="routes">
      <h2 id="routes">Ways to obtain it</h2>
      {routes.map((route) => (
        <RouteCard key={route.kind} route={route} />
      ))}
      {routes.length === 0 && (
        <p class="notice bad">
          <GradeTag grade="unobtainable" /> No way to obtain it is known at the moment.
        </p>
      )}
      {attempts.length > 0 && (
        <>
          <h3>What was tried besides</h3>
          <ul>
            {attempts.map((attempt) => (
              <li key={`${attempt.source} ${attempt.outcome}`}>
                {attempt.source}: <Foreign text={attempt.reason} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** One line for each route, where the environment itself is only mentioned. */
export function RouteList({ resolution: { routes, attempts } }: { resolution: Resolution }): VNode {
  if (routes.length === 0) {
    return (
      <p>
        <GradeTag grade="unobtainable" />{' '}
        <Foreign text={attempts.map(({ source, reason }) => `${source}: ${reason}`).join('; ')} />
      </p>
    );
  }
  return (
    <ul>
      {routes.map((route) => (
        <li key={route.kind}>
          <RouteHeading route={route} />{' '}
          <span class="soft">
            <Proof route={route} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function RouteCard({ route }: { route: Route }): VNode {
  const { fixity, receipts, holders } = route;
  return (
    <div class="card">
      <p>
        <RouteHeading route={route} />
      </p>
      <p>
        <Foreign text={route.explanation} />
      </p>
      <p class="soft">
        <Proof route={route} />
      </p>
      {fixity !== null && (
        <p class="soft">
          {count(fixity.blobCount, 'blob')}, {readableSize(fixity.size)}; last fixity check of all of them:{' '}
          {fixity.checkedAt === null ? 'not completed yet' : <Day at={fixity.checkedAt} />}
        </p>
      )}
      {receipts.length > 0 && <Receipts receipts={receipts} />}
      {holders.length > 0 && <Holders holders={holders} />}
      <Commands route={route} />
    </div>
  );
}

function RouteHeading({ route: { kind, grade, isApproximate } }: { route: Route }): VNode {
  return (
    <>
      <strong>{kind}</strong> <GradeTag grade={grade} />
      {isApproximate && (
        <>
          {' '}
          <span class="tag warn">approximate</span>
        </>
      )}{' '}
      {MEANING[grade].text}
    </>
  );
}

function GradeTag({ grade }: { grade: Grade }): VNode {
  return <span class={`tag ${MEANING[grade].tone}`}>{grade}</span>;
}

function Proof({ route: { provenAt, isApproximate } }: { route: Route }): VNode {
  if (isApproximate) return <>cannot be proven</>;
  if (provenAt === null) return <>no date of proof yet</>;
  return (
    <>
      proven <Day at={provenAt} />
    </>
  );
}

function Receipts({ receipts }: { receipts: readonly RouteReceipt[] }): VNode {
  return (
    <p class="soft">
      Receipts:{' '}
      {receipts.slice(0, HOLDERS_SHOWN).map(({ id, outcome, isProof, createdAt }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <code>{id}</code> {outcome} <Day at={createdAt} />
          {!isProof && ' (no proof)'}
        </span>
      ))}
    </p>
  );
}

function Holders({ holders }: { holders: readonly OtherHolder[] }): VNode {
  return (
    <ul>
      {holders.slice(0, HOLDERS_SHOWN).map(({ reference, state, detail, checkedAt }) => (
        <li key={reference}>
          <code>
            <Foreign text={reference} />
          </code>
          : {STATE[state]}
          {checkedAt !== null && (
            <>
              {', '}
              <Day at={checkedAt} />
            </>
          )}
          {detail !== null && (
            <>
              {' ('}
              <Foreign text={detail} />)
            </>
          )}
        </li>
      ))}
      {holders.length > HOLDERS_SHOWN && <li>and {holders.length - HOLDERS_SHOWN} more, in the API</li>}
    </ul>
  );
}

function Commands({ route: { commands, platform } }: { route: Route }): VNode {
  return (
    <details>
      <summary>Commands to paste</summary>
      {platform !== null && (
        <p>
          For your machine: {platform.name} <Digest value={platform.digest} />
        </p>
      )}
      <dl class="commands">
        {commands.flatMap(({ client, text }) => [
          <dt key={`${text} name`}>{client}</dt>,
          <dd key={text}>
            {text.includes('\n') ? (
              <pre tabIndex={0}>
                <code>{text}</code>
              </pre>
            ) : (
              <code>{text}</code>
            )}
          </dd>,
        ])}
      </dl>
    </details>
  );
}
