import type { PullCommands } from '@envarium/schema';
import { registryHost, type RegistryAddress } from './registry-address.js';

/** The commands to paste, by digest. A registry without TLS needs each client told so. */
export function pullCommands(address: RegistryAddress, repository: string, digest: string): PullCommands {
  const reference = `${registryHost(address)}/${repository}@${digest}`;
  const isPlain = new URL(address.publicUrl()).protocol === 'http:';
  const name = repository.replaceAll('/', '-');
  return {
    reference,
    docker: `docker pull ${reference}`,
    podman: `podman pull ${isPlain ? '--tls-verify=false ' : ''}${reference}`,
    apptainer: `apptainer pull ${isPlain ? '--no-https ' : ''}${name}.sif docker://${reference}`,
    skopeo: `skopeo copy ${isPlain ? '--src-tls-verify=false ' : ''}--all docker://${reference} oci:${name}`,
    envarium: `envarium pull ${repository}@${digest} --server ${address.publicUrl()}`,
  };
}
