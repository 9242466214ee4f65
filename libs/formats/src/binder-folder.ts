/** Folders in which repo2docker looks first. */
const FOLDERS = ['binder/', '.binder/'] as const;

/** Names that repo2docker takes for configuration. https://repo2docker.readthedocs.io/en/latest/config_files/ */
const CONFIGURATION: ReadonlySet<string> = new Set([
  'Dockerfile',
  'environment.yml',
  'requirements.txt',
  'requirements3.txt',
  'Pipfile',
  'Pipfile.lock',
  'pyproject.toml',
  'poetry.lock',
  'setup.py',
  'Project.toml',
  'JuliaProject.toml',
  'Manifest.toml',
  'JuliaManifest.toml',
  'REQUIRE',
  'install.R',
  'DESCRIPTION',
  'apt.txt',
  'default.nix',
  'runtime.txt',
  'postBuild',
  'start',
]);

export interface BinderFolder {
  /** where the configuration lies; empty for the root */
  readonly folder: '' | (typeof FOLDERS)[number];
  /** both folders are there: repo2docker then builds nothing */
  readonly isAmbiguous: boolean;
  /** what there is to say of a file that repo2docker would not read; null for every other */
  readonly remarkOn: (path: string) => string | null;
}

/**
 * Which files repo2docker would go by. With a folder of its own, it reads no configuration of the root, and a Dockerfile
 * stands before all else. https://repo2docker.readthedocs.io/en/latest/usage/#where-to-put-configuration-files
 *
 * @param paths paths inside the deposit, `/` separated
 */
export function binderFolder(paths: readonly string[]): BinderFolder {
  const present = FOLDERS.filter((folder) => paths.some((path) => path.startsWith(folder)));
  const [folder = ''] = present;
  const isAmbiguous = present.length > 1;
  const hasDockerfile = folder !== '' && paths.includes(`${folder}Dockerfile`);
  return { folder, isAmbiguous, remarkOn: (path) => remarkOn(path, { folder, isAmbiguous, hasDockerfile }) };
}

interface Found {
  readonly folder: BinderFolder['folder'];
  readonly isAmbiguous: boolean;
  readonly hasDockerfile: boolean;
}

function remarkOn(path: string, { folder, isAmbiguous, hasDockerfile }: Found): string | null {
  if (folder === '') return null;
  const own = FOLDERS.find((each) => path.startsWith(each));
  const name = path.slice((own ?? '').length);
  if (!CONFIGURATION.has(name)) return null;
  if (isAmbiguous) return 'Binder refuses the deposit: there may be binder/ or .binder/, not both.';
  if (own === undefined) return `Binder does not read this file: its configuration lies in ${folder}.`;
  return hasDockerfile && name !== 'Dockerfile' ? 'Binder does not read this file: it goes by the Dockerfile.' : null;
}
