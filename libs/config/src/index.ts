export { CliEnvironment, readCliSettings, type CliSettings } from './cli-settings.js';
export { programEnvironment } from './program-environment.js';
export { Environment, loadConfig, parseConfig, type Config, type UpkeepConfig } from './config.js';
export { environmentExample } from './example.js';
export type { ServingConfig, StorageConfig } from './storage-config.js';
export type { KubernetesConfig, RebuildConfig } from './rebuild-config.js';
