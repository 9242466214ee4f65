export { type ImageInput, type LayerInput } from './images/image-input.js';
export { FILE_LIST_LIMITS, type FileListLimits } from './images/list-limits.js';
export { type ByteString, type FileEntry, type FileRecord, type FileType } from './images/file-record.js';
export { printable } from './images/byte-string.js';
export {
  type FileListing,
  type ImagePackage,
  type ImageRuntime,
  type ImageSystem,
  type UnreadPackages,
} from './images/file-listing.js';
export { listRulesName } from './images/list-rules.js';
export { PACKAGE_READERS } from './images/packages/read-packages.js';
export { type RunConfig } from './images/run-config.js';
export { listFiles, type ListFilesOptions, type ListProgress } from './images/list-files.js';
export { decodeFileList, type DecodeLimits, encodeFileList } from './images/file-list-codec.js';
export { describeFiles } from './images/file-list-document.js';
export { compareImages } from './images/compare-images.js';
export {
  NOISE_POLICY,
  type NoisePolicy,
  noisePolicyName,
  noisePolicyText,
  type NoiseRule,
} from './images/noise-policy.js';
export {
  compareOutput,
  compareOutputs,
  MAX_COMPARED_SIZE,
  type NamedOutputFile,
  type OutputFile,
} from './outputs/compare-outputs.js';
export { numericPins } from './outputs/numeric-pins.js';
