import { type FileListing, type ImagePackage, PACKAGE_READERS, type UnreadPackages } from '@envarium/comparison';
import { isSecretVariable, secretKindOf } from '@envarium/formats';
import type {
  EnvironmentManifest,
  EnvironmentScope,
  ManifestPackage,
  OperatingSystem,
  SkipReason,
} from '@envarium/schema';
import { imagePackagePurl } from './image-purl.js';
import { parentOf, placeOf, placeOfRuntime } from './image-scopes.js';
import { byEvidence, compare, merge } from './statements.js';

/** What of a listing says something about packages. */
export type ImageFacts = Pick<FileListing, 'packages' | 'unreadPackages' | 'systems' | 'runtimes' | 'runConfig'>;

const UNREAD: Readonly<Record<UnreadPackages['reason'], { reason: SkipReason; message: string }>> = {
  'rpm-database': {
    reason: 'unsupported-installer',
    message: 'changes to the database of rpm that are not in it yet; they are in the image and not in this list',
  },
  'other-database': {
    reason: 'unsupported-installer',
    message: 'another database of rpm, and what it says is not in this list',
  },
  'too-large': { reason: 'limit-exceeded', message: 'too large to be read for the packages in it' },
  'not-understood': {
    reason: 'syntax-invalid',
    message: 'it should say which packages are installed, and is not understood',
  },
  'hard-link': {
    reason: 'references-file',
    message: 'a link to content that was not read as a description of a package',
  },
};

/** Names of annotations: https://github.com/opencontainers/image-spec/blob/main/annotations.md */
const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';

/**
 * The environment manifest of what an image itself says: its package databases, its system, its interpreters, its
 * variables. The container holds the language environments, each by the folder that it lives in. Nothing in it names the
 * image, so that images with the same packages in the same places have one manifest.
 */
export function assembleImageEnvironment(
  facts: ImageFacts,
  annotations: Readonly<Record<string, string>> = {},
): EnvironmentManifest {
  const [system = null] = facts.systems.toSorted((a, b) => compare(a.path, b.path));
  const places = new Map<string | null, ImagePackage[]>([[null, []]]);
  for (const each of facts.packages) {
    const place = placeOf(each);
    const there = places.get(place);
    if (there === undefined) places.set(place, [each]);
    else there.push(each);
  }
  const paths = [...places.keys()].filter((path) => path !== null).toSorted(compare);
  const runtimes = [...facts.runtimes, ...rVersions(facts.packages)];
  const runtimesAt = (path: string | null): EnvironmentScope['runtimes'] =>
    merge(
      runtimes
        .filter((runtime) => placeOfRuntime(runtime, paths) === path)
        .map(({ name, version, path: file }) => ({ name, version, specifier: null, evidence: [inImage(file)] })),
    );
  const packagesAt = (path: string | null): ManifestPackage[] =>
    merge((places.get(path) ?? []).map((each) => packageOf(each, system)));

  return {
    schemaVersion: 1,
    scopes: [
      {
        kind: 'container',
        ...(system !== null && { operatingSystem: systemOf(system) }),
        packages: packagesAt(null),
        runtimes: runtimesAt(null),
        variables: variablesOf(facts),
      },
      ...paths.map((path): EnvironmentScope => ({
        kind: 'language',
        path: `/${path}`,
        // The container stands before them.
        within: paths.indexOf(parentOf(path, paths) ?? '') + 1,
        packages: packagesAt(path),
        runtimes: runtimesAt(path),
        variables: [],
      })),
    ],
    baseImages: baseImage(annotations),
    notUnderstood: facts.unreadPackages
      .map(({ path, reason, because }) => ({
        evidence: inImage(path),
        reason: UNREAD[reason].reason,
        message: `${UNREAD[reason].message}${because === undefined ? '' : `: ${because}`}`,
      }))
      .toSorted(byEvidence),
    lookedFor: [...PACKAGE_READERS.ecosystems],
  };
}

function packageOf(each: ImagePackage, system: FileListing['systems'][number] | null): ManifestPackage {
  const { ecosystem, name, writtenName, version, qualifiers, path } = each;
  return {
    ecosystem,
    name: writtenName ?? name,
    normalizedName: ecosystem === 'conda' ? name.toLowerCase() : name,
    version,
    specifier: null,
    build: qualifiers?.['build'] ?? null,
    standing: 'observed',
    purl: imagePackagePurl(each, system),
    hashes: qualifiers?.['checksum'] === undefined ? [] : [qualifiers['checksum']],
    source: qualifiers?.['channel'] ?? null,
    marker: null,
    group: null,
    skipReason: null,
    evidence: [inImage(path)],
  };
}

function systemOf({ id, versionId, name, path }: FileListing['systems'][number]): OperatingSystem {
  return { id, versionId, name, evidence: [inImage(path)] };
}

/** R comes with packages of its own, and they have its version. */
function rVersions(packages: readonly ImagePackage[]): FileListing['runtimes'] {
  return packages
    .filter(({ ecosystem, name }) => ecosystem === 'cran' && name === 'base')
    .map(({ version, path }) => ({ name: 'r', version, path }));
}

/** Secrets are never repeated; whoever may pull the image can read them there. */
function variablesOf({ runConfig }: ImageFacts): EnvironmentScope['variables'] {
  return runConfig.env
    .filter(([name, value]) => !isSecretVariable(name, value) && secretKindOf(value) === null)
    .map(([name, value]) => ({ name, value, evidence: [] }));
}

function baseImage(annotations: Readonly<Record<string, string>>): EnvironmentManifest['baseImages'] {
  const [reference, digest] = [annotations[BASE_NAME], annotations[BASE_DIGEST]];
  if (reference === undefined) return [];
  return [{ reference, digest: digest ?? null, platform: null, stage: null, evidence: [] }];
}

function inImage(path: string): { file: string; line: null } {
  return { file: `/${path}`, line: null };
}
