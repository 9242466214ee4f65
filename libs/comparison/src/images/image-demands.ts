import type { ImageDemands, ImageLibc } from '@envarium/schema';
import type { FileListing, ImageProgram } from './file-listing.js';

/** Nobody has more of them; who makes an image to have more is not listened to. */
const MAX_OF_EACH = 16;
/** What every program needs says more than what one needs. */
const ROLES: readonly ImageProgram['role'][] = ['libc', 'loader', 'interpreter'];

/** Where musl came as a package; its file does not always say which it is. */
const MUSL_PACKAGES: ReadonlySet<string> = new Set(['apk musl', 'deb musl']);

type Told = Pick<FileListing, 'programs' | 'systems' | 'runtimes' | 'packages' | 'runConfig'>;

/** What a listing says of the machines that the image runs on. */
export function demandsOf(listing: Told): ImageDemands {
  const { programs, systems, runtimes, runConfig } = listing;
  const [system = null] = systems;
  const toolkits = runtimes.filter(({ name }) => name === 'cuda');
  return {
    architecture: runConfig.architecture,
    libcs: libcsOf(listing),
    isaLevels: distinct(
      ROLES.flatMap((role) => programs.filter((program) => program.role === role)).flatMap(({ isaLevel, path }) =>
        isaLevel === null ? [] : [{ level: isaLevel, evidence: `/${path}` }],
      ),
      ({ level }) => level,
    ),
    system: system && { id: system.id, versionId: system.versionId, evidence: `/${system.path}` },
    toolkits: distinct(
      toolkits.map(({ version, path }) => ({ version, evidence: `/${path}` })),
      ({ version }) => version,
    ),
  };
}

function libcsOf({ programs, packages }: Pick<FileListing, 'programs' | 'packages'>): ImageLibc[] {
  const found = programs.flatMap(({ libc, architecture, kernelMinimum, path }): ImageLibc[] =>
    libc === null ? [] : [{ ...libc, architecture, kernelMinimum, evidence: `/${path}` }],
  );
  const libcs = distinct(found, ({ family, version, architecture, kernelMinimum }) =>
    JSON.stringify([family, version, architecture, kernelMinimum]),
  );
  if (libcs.some(({ family }) => family === 'musl')) return libcs;
  const musl = packages.find(({ ecosystem, name }) => MUSL_PACKAGES.has(`${ecosystem} ${name}`));
  // The revision is that of the package: 1.2.4-r2.
  const version = /^\d+(?:\.\d+){1,3}/.exec(musl?.version ?? '')?.[0];
  if (musl === undefined || version === undefined) return libcs;
  const evidence = `musl ${musl.version} of ${musl.ecosystem}`;
  return [...libcs, { family: 'musl', version, architecture: null, kernelMinimum: null, evidence }];
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const first = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!first.has(key) && first.size < MAX_OF_EACH) first.set(key, item);
  }
  return [...first.values()];
}
