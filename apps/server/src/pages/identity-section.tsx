import type { Hold, RecordVersion } from '@envarium/schema';
import type { VNode } from 'preact';
import { Day, Digest, Foreign } from './readable.js';
import type { VersionView } from './version-view.service.js';

export function IdentitySection({ view: { version, holds, publicUrl } }: { view: VersionView }): VNode {
  return (
    <section aria-labelledby="identity">
      <h2 id="identity">Identity and preservation</h2>
      {version.recordDigest !== null && (
        <>
          <p>
            Record digest <Digest value={version.recordDigest} />
          </p>
          <p>
            It covers everything on this page that was deposited. Check it without trusting this archive: what the
            registry hands out must have this digest.
          </p>
          <pre tabIndex={0}>
            <code>{verifyCommands(version, version.recordDigest, publicUrl)}</code>
          </pre>
        </>
      )}
      <HoldList holds={holds} />
    </section>
  );
}

function HoldList({ holds }: { holds: readonly Hold[] }): VNode | null {
  if (holds.length === 0) return null;
  return (
    <>
      <h3>The promise</h3>
      <ul>
        {holds.map((hold) => (
          <li key={hold.placedAt}>
            <Foreign text={hold.reason} />, since <Day at={hold.placedAt} />
            {hold.liftedAt !== null && (
              <>
                , lifted <Day at={hold.liftedAt} />
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function verifyCommands({ repository, number }: RecordVersion, digest: string, publicUrl: string): string {
  return [
    `curl -s ${publicUrl}/v2/${repository}/manifests/${digest} | sha256sum`,
    `envarium verify ${repository}@v${number} --digest ${digest}`,
  ].join('\n');
}
