export { FitService } from './fit.service.js';
export { ImagePlatforms } from './image-platforms.js';
export { pullCommands } from './pull-commands.js';
export { REGISTRY_ADDRESS, registryHost, type RegistryAddress } from './registry-address.js';
export { ResolutionModule } from './resolution.module.js';
export { ResolutionService } from './resolution.service.js';
export type { ResolutionSource, SourceAnswer } from './sources/source.js';
