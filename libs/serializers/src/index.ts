export { CONDA_MEDIA_TYPE, serializeCondaExplicit } from './conda-explicit/serialize.js';
export { CYCLONEDX_MEDIA_TYPE, serializeCycloneDx, type BomSubject } from './cyclonedx/serialize.js';
export type { LockRefusal, LockRefusalReason, LockResult } from './lock/lock-result.js';
export { judgePackageLock, NPM_MEDIA_TYPE, type PackageLockFile } from './package-lock/judge.js';
export { PIP_MEDIA_TYPE, serializePipRequirements } from './pip-requirements/serialize.js';
export { judgeRenvLock, RENV_MEDIA_TYPE } from './renv-lock/judge.js';
export { serializeSpdx, SPDX_MEDIA_TYPE, type SpdxSubject } from './spdx/serialize.js';
