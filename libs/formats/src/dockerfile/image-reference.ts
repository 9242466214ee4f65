import { formatPurl } from '../purl.js';

/** https://github.com/distribution/reference/blob/main/reference.go, as it is written: nothing is made explicit. */
export interface ImageReference {
  /** registry host, when the first component is one */
  readonly registry: string | null;
  /** repository without the registry: `library/debian`, `debian` */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

const REFERENCE =
  /^(?<name>[A-Za-z0-9][A-Za-z0-9._/-]*(?::\d+\/[a-z0-9][a-z0-9._/-]*)?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,128}))?$/;

/** @returns null when the text is no reference */
export function parseImageReference(text: string): ImageReference | null {
  const { name, tag = null, digest = null } = REFERENCE.exec(text)?.groups ?? {};
  if (name === undefined) return null;
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost';
  const repository = isHost ? name.slice(slash + 1) : name;
  if (repository !== repository.toLowerCase()) return null;
  return { registry: isHost ? first : null, repository, tag, digest };
}

/**
 * `pkg:oci` when a digest names the content, else `pkg:docker`, which only names the place
 * (https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md).
 */
export function imagePurl(reference: ImageReference): string | null {
  const { registry, repository, tag, digest } = reference;
  const slash = repository.lastIndexOf('/');
  const name = repository.slice(slash + 1);
  if (digest === null) {
    return formatPurl({
      type: 'docker',
      ...(slash === -1 ? {} : { namespace: repository.slice(0, slash) }),
      name,
      ...(tag === null ? {} : { version: tag }),
      ...(registry === null ? {} : { qualifiers: { repository_url: registry } }),
    });
  }
  const place = registry === null ? repository : `${registry}/${repository}`;
  return formatPurl({
    type: 'oci',
    name,
    version: digest,
    qualifiers: { repository_url: place.includes('/') ? place : '', tag: tag ?? '' },
  });
}
