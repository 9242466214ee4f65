import type { PullCommands, RouteCommand } from '@envarium/schema';
import { podManifest } from './pod-manifest.js';
import { registryHost, type RegistryAddress } from './registry-address.js';

/** The commands to paste, by digest. A registry without TLS needs each client told so. */
export function pullCommands(address: RegistryAddress, repository: string, digest: string): PullCommands {
  const reference = `${registryHost(address)}/${repository}@${digest}`;
  return {
    reference,
    ...clientCommands(reference, repository, new URL(address.publicUrl()).protocol === 'http:'),
    envarium: `envarium pull ${repository}@${digest} --server ${address.publicUrl()}`,
  };
}

/** For clients of any registry: `reference` need not be ours. */
export function imageCommands(reference: string, repository: string, isPlain: boolean): RouteCommand[] {
  const { docker, podman, apptainer, skopeo } = clientCommands(reference, repository, isPlain);
  return [
    { client: 'docker', text: docker },
    { client: 'podman', text: podman },
    { client: 'apptainer', text: apptainer },
    { client: 'skopeo', text: skopeo },
    { client: 'kubernetes', text: podManifest(reference, repository) },
  ];
}

function clientCommands(reference: string, repository: string, isPlain: boolean) {
  const name = repository.replaceAll('/', '-');
  return {
    docker: `docker pull ${reference}`,
    podman: `podman pull ${isPlain ? '--tls-verify=false ' : ''}${reference}`,
    apptainer: `apptainer pull ${isPlain ? '--no-https ' : ''}${name}.sif docker://${reference}`,
    skopeo: `skopeo copy ${isPlain ? '--src-tls-verify=false ' : ''}--all docker://${reference} oci:${name}`,
  };
}
