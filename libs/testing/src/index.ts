export { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from './docker-registry.js';
export { FakeRegistry, type FakeDocument, type FakeManifest, type Fault } from './fake-registry.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
