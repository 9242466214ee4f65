export { ArchiveError, type ErrorDetail } from './archive-error.js';
export { ERROR_CODES, errorEntry, type ErrorCode } from './codes.js';
export { toOciBody, toProblem, type OciErrorBody, type ProblemDocument } from './envelopes.js';
