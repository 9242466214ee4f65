export { buildCommand, createBuilder, removeBuilder, runCommand } from './docker-commands.js';
export { DockerExecutor, type DockerSettings } from './docker.executor.js';
