import { gitOrigin, type PypiOrigin } from '../pypi-package.js';
import type { UvPackage } from './schema.js';

/** @returns null for a source of a kind that is not known here */
export function originOf(source: UvPackage['source']): PypiOrigin | null {
  if (source === undefined) return { kind: 'index', url: null };
  if (typeof source === 'string') return originOf(tableOf(source));
  const { registry, git, url } = source;
  const subdirectory = source.subdirectory ?? null;
  if (registry !== undefined) {
    // A directory of files may stand in for an index.
    return registry.includes('://') ? { kind: 'index', url: registry } : { kind: 'local', path: registry };
  }
  if (git !== undefined) return readGit(git, subdirectory);
  if (url !== undefined) return { kind: 'url', url, subdirectory };
  const path = source.path ?? source.directory ?? source.editable ?? source.virtual;
  return path === undefined ? null : { kind: 'local', path };
}

/** `registry+https://host/simple` as the table that says the same. An address of one file keeps its folder in a query. */
function tableOf(text: string): Exclude<UvPackage['source'], string | undefined> {
  const [kind = '', address = ''] = splitOnce(text, '+');
  if (kind !== 'direct') return { [kind]: address };
  const subdirectory = /[?&]subdirectory=([^&#]*)/.exec(address)?.[1];
  return { url: address, ...(subdirectory !== undefined && { subdirectory }) };
}

/** `https://host/repository?subdirectory=a&rev=main#commit`: what was asked for, and what it was. */
function readGit(address: string, directory: string | null): PypiOrigin {
  const [place = '', commit] = splitOnce(address, '#');
  const [url = '', query = ''] = splitOnce(place, '?');
  const parameters = new URLSearchParams(query);
  const asked = parameters.get('rev') ?? parameters.get('tag') ?? parameters.get('branch');
  return gitOrigin(url, commit ?? asked, directory ?? parameters.get('subdirectory'));
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
