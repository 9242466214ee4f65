export { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from './docker-registry.js';
export { FakeKubernetes, type FakePod } from './fake-kubernetes.js';
export { FakeRegistry, type FakeDocument, type FakeManifest, type Fault } from './fake-registry.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export {
  archiveSampleClosure,
  archiveSampleProvenance,
  archiveSampleRecipe,
  type SampleProvenance,
  sampleRebuild,
  sampleRerun,
  type SampleVersion,
  subjectOf,
} from './provenance-sample.js';
export { ExchangeDirectory } from './exchange-directory.js';
