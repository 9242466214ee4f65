export { assembleManifest, countEcosystems, type FileSpec } from './assemble-manifest.js';
export { environmentSelect, hardwareSelect, presentEnvironment, presentHardware } from './environment.presenter.js';
export { insertEnvironmentManifest, insertHardware } from './environment-rows.js';
export { EnvironmentsModule } from './environments.module.js';
export { EnvironmentsService } from './environments.service.js';
export { understandFiles, type DepositedFile, type FileUnderstanding, type Understanding } from './understand-files.js';
export { type ComparedEnvironment, diffEnvironments } from './diff/diff-environments.js';
