export type {
  BuildJob,
  BuildOutcome,
  Canary,
  Clock,
  EndedBy,
  EventSink,
  Executor,
  ExecutorProbe,
  Internet,
  LayoutImage,
  LimitName,
  Limits,
  RunJob,
  RunOutcome,
  StandInAnswers,
  Usage,
} from './executor.js';
export { openExecutors, type ClusterSettings, type ExecutorSettings } from './open-executors.js';
export { openPodExecutor } from './open-executors.js';
export { runPodJob } from './kubernetes/index.js';
export { createAuthority, Issuer, type Credential } from './stand-in/authority.js';
export { nativePlatform } from './platform.js';
export { trustFiles, trustVariables } from './stand-in/trust.js';
