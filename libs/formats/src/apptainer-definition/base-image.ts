import type { SpecBaseImage } from '@envarium/schema';
import { parseImageReference } from '../dockerfile/image-reference.js';

/** Agents that make a system out of a package mirror, with the purl type of what `Include` names. */
export const MIRROR_AGENTS: ReadonlyMap<string, string> = new Map([
  ['debootstrap', 'deb'],
  ['yum', 'rpm'],
  ['dnf', 'rpm'],
  ['zypper', 'rpm'],
  ['arch', 'alpm'],
  ['busybox', ''],
]);
/** Agents that take an image from the machine where the definition is built. */
const LOCAL_AGENTS: ReadonlySet<string> = new Set(['localimage', 'docker-archive', 'oci', 'oci-archive']);
export const AGENTS: ReadonlySet<string> = new Set([
  ...MIRROR_AGENTS.keys(),
  ...LOCAL_AGENTS,
  'docker',
  'docker-daemon',
  'library',
  'oras',
  'scratch',
  'shub',
]);

export interface Origin {
  readonly agent: string;
  readonly from: string;
  readonly registry: string;
  readonly namespace: string;
  readonly osVersion: string;
}

export interface Base {
  readonly image: Pick<SpecBaseImage, 'reference' | 'digest'> | null;
  /** image file beside the definition */
  readonly file: string | null;
  readonly isValid: boolean;
}

/**
 * What a stage starts from. Images of OCI registries have the reference that a Dockerfile has; all others are written as
 * Apptainer writes their address, so that nobody takes them for such an image.
 */
export function baseOf({ agent, from, registry, namespace, osVersion }: Origin): Base {
  const none = { image: null, file: null, isValid: true };
  if (agent === 'scratch') return none;
  if (MIRROR_AGENTS.has(agent)) return { ...none, image: { reference: `${agent}://${osVersion}`, digest: null } };
  if (from === '') return { ...none, isValid: false };
  if (LOCAL_AGENTS.has(agent)) return { ...none, file: from };
  if (agent === 'docker') {
    const reference = [registry, namespace, from].filter((part) => part !== '').join('/');
    const parsed = parseImageReference(reference);
    return { ...none, image: { reference, digest: parsed?.digest ?? null }, isValid: parsed !== null };
  }
  const address = from.startsWith(`${agent}://`) ? from : `${agent}://${from}`;
  return { ...none, image: { reference: address, digest: sifDigest(agent, from) } };
}

/** The library names images by the digest of their file: `lab/base:sha256.<hex>`. */
function sifDigest(agent: string, from: string): string | null {
  const hex = agent === 'library' ? /:sha256\.([0-9a-f]{64})$/.exec(from)?.[1] : undefined;
  return hex === undefined ? null : `sha256:${hex}`;
}
