export { ContentUsesService } from './content-uses.service.js';
export { DiffService } from './diff.service.js';
export { MachineUsesService } from './machine-uses.service.js';
export { type PackageName, PackageUsesService } from './package-uses.service.js';
export { QuestionsModule } from './questions.module.js';
