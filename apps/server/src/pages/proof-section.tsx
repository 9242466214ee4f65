import { GRADE_MEANING, type Receipt, type RecipeWarning, type RecordVersion } from '@envarium/schema';
import type { VNode } from 'preact';
import { versionApiPath } from './page-paths.js';
import { count, Day, Foreign, readableSize } from './readable.js';
import { ReceiptCard } from './receipt-card.js';
import type { Proof } from './version-contents.service.js';
import type { VersionView } from './version-view.service.js';

/** What was tried here, and how exact it came out. Only what this archive computed itself stands in it. */
export function ProofSection({ view: { version, proof, publicUrl } }: { view: VersionView }): VNode {
  const [newest] = proof.receipts;
  return (
    <section aria-labelledby="proof">
      <h2 id="proof">Proof</h2>
      <Standing proof={proof} />
      {proof.receipts.map((receipt) => (
        <ReceiptCard receipt={receipt} key={receipt.id} />
      ))}
      <p class="soft">
        <a href={versionApiPath(version, 'receipts')}>All receipts</a> are in the REST interface. Each is computed and
        signed by this archive; what others report does not stand among them.
      </p>
      <Recipe version={version} proof={proof} />
      {newest !== undefined && <OfflineCheck receipt={newest} publicUrl={publicUrl} />}
    </section>
  );
}

function Standing({ proof: { closure, receipts } }: { proof: Proof }): VNode {
  const newest = receipts.find(({ rebuild, isProof }) => isProof && rebuild !== null)?.rebuild ?? null;
  if (newest !== null) {
    return (
      <p>
        This environment was rebuilt with the network off, from what is archived here alone. What came out was{' '}
        <strong>{GRADE_MEANING[newest.grade]}</strong>.
      </p>
    );
  }
  return closure === null ? (
    <p>Nothing was recorded for a rebuild of this version yet, so whether it can be rebuilt is unknown.</p>
  ) : (
    <p>What a rebuild needs was recorded, but no rebuild with the network off has proven yet that it is enough.</p>
  );
}

function Recipe({ version, proof: { recipe, closure } }: { version: RecordVersion; proof: Proof }): VNode | null {
  if (recipe === null) return null;
  const { origin, generator, platform, warnings } = recipe.document;
  return (
    <>
      <h3>What it is rebuilt from</h3>
      <p>
        A <a href={versionApiPath(version, 'recipe/Dockerfile')}>Dockerfile</a>{' '}
        {origin === 'deposited' ? 'as it was deposited' : `made from the package files by ${generator?.name ?? 'us'}`},
        for {platform}.
        {closure !== null && (
          <>
            {' '}
            Everything that it fetches is kept since <Day at={closure.document.recordedAt} />:{' '}
            <a href={versionApiPath(version, 'closure/packages')}>
              {count(closure.document.packages.count, 'package')}
            </a>
            , {readableSize(closure.document.contentSize)}.
          </>
        )}
      </p>
      <Warnings warnings={warnings} />
    </>
  );
}

function Warnings({ warnings }: { warnings: readonly RecipeWarning[] }): VNode | null {
  if (warnings.length === 0) return null;
  return (
    <div class="notice">
      <p>The recipe leaves open what the recording then fixed:</p>
      <ul>
        {warnings.map((warning) => (
          <li key={`${warning.code} ${warning.file} ${warning.line} ${warning.message}`}>
            <Foreign text={warning.message} />
            {warning.file !== null && (
              <>
                {' '}
                (<Foreign text={warning.line === null ? warning.file : `${warning.file}, line ${warning.line}`} />)
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function OfflineCheck({ receipt, publicUrl }: { receipt: Receipt; publicUrl: string }): VNode {
  return (
    <>
      <h3>Check a receipt yourself</h3>
      <p>
        Take the receipt and the public keys home; the last command asks nobody. Any program that reads DSSE envelopes
        can do the same.
      </p>
      <pre tabIndex={0}>
        <code>{checkCommands(receipt, publicUrl)}</code>
      </pre>
    </>
  );
}

function checkCommands({ id, subjectDigest }: Receipt, publicUrl: string): string {
  return [
    `curl -s -o receipt.json ${publicUrl}/api/v1/receipts/${id}/envelope`,
    `envarium keys --server ${publicUrl} --output keys.pem`,
    `envarium verify --receipt receipt.json --key keys.pem --digest ${subjectDigest}`,
  ].join('\n');
}
