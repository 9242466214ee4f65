import type { PullCommands } from '@envarium/schema';
import type { VNode } from 'preact';
import { versionApiPath } from './page-paths.js';
import { Digest } from './readable.js';
import type { VersionView } from './version-view.service.js';

const CLIENTS = [
  'docker',
  'podman',
  'apptainer',
  'skopeo',
  'envarium',
] as const satisfies readonly (keyof PullCommands)[];

/** The image, and the command for each client: by digest, so that what arrives is what is cited. */
export function ImageSection({ view: { version, resolution } }: { view: VersionView }): VNode {
  const pull = resolution.routes.find((route) => route.pull !== null)?.pull ?? null;
  return (
    <section aria-labelledby="image">
      <h2 id="image">Image</h2>
      {version.imageDigest === null ? (
        <p>No image was deposited: the package files below are all there is.</p>
      ) : (
        <p>
          <Digest value={version.imageDigest} />
        </p>
      )}
      {pull !== null && <PullList pull={pull} />}
      {pull !== null && (
        <p>
          Without a registry client: <a href={versionApiPath(version, 'image.tar')}>the image as one tar</a>, for docker
          load, podman load, skopeo and apptainer.
        </p>
      )}
      {version.imageDigest !== null && pull === null && (
        <p class="notice bad">The image cannot be pulled at the moment: see the routes below for what was tried.</p>
      )}
    </section>
  );
}

export function PullList({ pull }: { pull: PullCommands }): VNode {
  return (
    <dl class="commands">
      {CLIENTS.flatMap((client) => [
        <dt key={`${client} name`}>{client}</dt>,
        <dd key={client}>
          <code>{pull[client]}</code>
        </dd>,
      ])}
    </dl>
  );
}
