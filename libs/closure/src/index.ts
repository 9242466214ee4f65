export type { ExchangeStore } from './exchange-store.js';
export { decodeExchanges, encodeExchanges } from './exchanges-file.js';
export { type Excess, RECORD_LIMITS, type RecordLimits } from './record-limits.js';
export {
  startRecorder,
  type Recorder,
  type RecorderOptions,
  type Recording,
  type RecordNote,
  type RecordProgress,
} from './recorder.js';
export { startReplay, type Assistance, type Replay, type ReplayOptions } from './replay.js';
export { type Damage, type Miss, ReplayCounts } from './replay-counts.js';
export { giveAccount } from './replay-account.js';
export { openClosure, writeClosure, type OpenedClosure } from './closure-directory.js';
export { type LockFile } from './locked-packages.js';
export { encodePackages, packagesOf, type ClosurePackages, type IntegrityProblem } from './packages.js';
export { type ReadBody } from './recorded-indexes.js';
export {
  fetchRemaining,
  remainingLockEntries,
  type FetchedRemaining,
  type RemainingEntry,
  type RemainingOptions,
} from './remaining.js';
