import { usageError } from '../failure.js';

export type ImageArgument =
  | { readonly kind: 'oci-archive' | 'docker-archive' | 'oci'; readonly path: string; readonly name: string | null }
  | { readonly kind: 'dir'; readonly path: string }
  | { readonly kind: 'registry'; readonly reference: string };

const EXPECTED =
  'Write oci-archive:FILE, docker-archive:FILE, oci:DIRECTORY, each perhaps with :NAME, dir:DIRECTORY, registry:TAG or registry:sha256:...';

/**
 * Reads `--image`, in the words of skopeo. The path ends at its last colon, unless `exists` knows the whole as a path.
 * @throws CommandFailed for anything else
 */
export function parseImageArgument(text: string, exists: (path: string) => boolean): ImageArgument {
  const { kind, rest } = /^(?<kind>oci-archive|docker-archive|oci|dir|registry):(?<rest>.+)$/s.exec(text)?.groups ?? {};
  if (kind === undefined || rest === undefined) throw usageError(`--image ${text} names no image source`, EXPECTED);
  if (kind === 'registry') return { kind, reference: rest };
  if (kind === 'dir' && exists(rest)) return { kind, path: rest };
  if (kind === 'dir') throw usageError(`there is no directory ${rest}`, EXPECTED);
  if (kind !== 'oci-archive' && kind !== 'docker-archive' && kind !== 'oci')
    throw usageError(`--image ${text}`, EXPECTED);
  if (exists(rest)) return { kind, path: rest, name: null };
  // The name may be one with a host and a tag, so the first colon behind which a path exists is the one.
  for (let colon = rest.indexOf(':'); colon !== -1; colon = rest.indexOf(':', colon + 1)) {
    const path = rest.slice(0, colon);
    if (path !== '' && exists(path)) return { kind, path, name: rest.slice(colon + 1) };
  }
  throw usageError(`there is no ${kind === 'oci' ? 'directory' : 'file'} ${rest}`, EXPECTED);
}
