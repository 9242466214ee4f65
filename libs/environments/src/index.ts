export { assembleManifest, countEcosystems, type FileSpec } from './assemble-manifest.js';
export { assembleImageEnvironment, type ImageFacts } from './image-environment.js';
export { environmentSelect, hardwareSelect, presentEnvironment, presentHardware } from './environment.presenter.js';
export { insertEnvironmentManifest, insertHardware } from './environment-rows.js';
export { EnvironmentsModule } from './environments.module.js';
export { EnvironmentsService, type VersionContent } from './environments.service.js';
export { ImageEnvironmentsService, type ImageEnvironment } from './image-environments.service.js';
export { understandFiles, type DepositedFile, type FileUnderstanding, type Understanding } from './understand-files.js';
export { type ComparedEnvironment, diffEnvironments } from './diff/diff-environments.js';
