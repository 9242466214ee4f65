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
export {
  startReplay,
  type Assistance,
  type Damage,
  type Miss,
  type Replay,
  type ReplayCounts,
  type ReplayOptions,
} from './replay.js';
