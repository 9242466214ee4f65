import { aptTxtFormat } from './apt-txt/index.js';
import { binderScriptFormat } from './binder-script/index.js';
import { captureContextFormat } from './capture-context/index.js';
import { cargoLockFormat } from './cargo-lock/index.js';
import { apptainerDefinitionFormat } from './apptainer-definition/index.js';
import { condaEnvironmentFormat } from './conda-environment/index.js';
import { condaExplicitFormat } from './conda-explicit/index.js';
import { condaListFormat } from './conda-list/index.js';
import { condaLockFormat } from './conda-lock/index.js';
import { cyclonedxFormat } from './cyclonedx/index.js';
import { dockerfileFormat } from './dockerfile/index.js';
import { dpkgListFormat } from './dpkg-list/index.js';
import { dpkgStatusFormat } from './dpkg-status/index.js';
import { flakeLockFormat } from './flake-lock/index.js';
import type { EnvironmentFormat } from './format.js';
import { juliaManifestFormat } from './julia-manifest/index.js';
import { juliaProjectFormat } from './julia-project/index.js';
import { goModFormat } from './go-mod/index.js';
import { goSumFormat } from './go-sum/index.js';
import { envVarsFormat } from './env-vars/index.js';
import { guixChannelsFormat } from './guix-channels/index.js';
import { guixManifestFormat } from './guix-manifest/index.js';
import { lsbReleaseFormat } from './lsb-release/index.js';
import { makefileFormat } from './makefile/index.js';
import { numericRuntimeFormat } from './numeric-runtime/index.js';
import { osReleaseFormat } from './os-release/index.js';
import { installRFormat } from './install-r/index.js';
import { packageLockFormat } from './package-lock/index.js';
import { pipRequirementsFormat } from './pip-requirements/index.js';
import { pipfileLockFormat } from './pipfile-lock/index.js';
import { pipfileFormat } from './pipfile/index.js';
import { poetryLockFormat } from './poetry-lock/index.js';
import { pylockFormat } from './pylock/index.js';
import { pyprojectFormat } from './pyproject/index.js';
import { pixiLockFormat } from './pixi-lock/index.js';
import { rDescriptionFormat } from './r-description/index.js';
import { rSessionInfoFormat } from './r-sessioninfo/index.js';
import { renvLockFormat } from './renv-lock/index.js';
import { runtimeTxtFormat } from './runtime-txt/index.js';
import { uvLockFormat } from './uv-lock/index.js';
import { spdxFormat } from './spdx/index.js';
import { rpmListFormat } from './rpm-list/index.js';
import { travisFormat } from './travis/index.js';
import { unameFormat } from './uname/index.js';
import { vagrantfileFormat } from './vagrantfile/index.js';

/** Every format that is read, in order of precedence: strong marks first, the weak grammar of requirements files last. */
export const formats: readonly EnvironmentFormat[] = [
  cyclonedxFormat,
  spdxFormat,
  numericRuntimeFormat,
  captureContextFormat,
  packageLockFormat,
  renvLockFormat,
  pipfileLockFormat,
  pylockFormat,
  uvLockFormat,
  poetryLockFormat,
  pipfileFormat,
  pyprojectFormat,
  runtimeTxtFormat,
  aptTxtFormat,
  binderScriptFormat,
  flakeLockFormat,
  cargoLockFormat,
  installRFormat,
  condaExplicitFormat,
  condaListFormat,
  condaLockFormat,
  pixiLockFormat,
  juliaManifestFormat,
  juliaProjectFormat,
  goSumFormat,
  goModFormat,
  dpkgStatusFormat,
  rpmListFormat,
  dpkgListFormat,
  rSessionInfoFormat,
  rDescriptionFormat,
  osReleaseFormat,
  lsbReleaseFormat,
  unameFormat,
  guixChannelsFormat,
  guixManifestFormat,
  apptainerDefinitionFormat,
  vagrantfileFormat,
  condaEnvironmentFormat,
  travisFormat,
  dockerfileFormat,
  makefileFormat,
  envVarsFormat,
  pipRequirementsFormat,
];
