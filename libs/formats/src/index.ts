export type { EnvironmentFormat } from './format.js';
export { FormatError } from './format.js';
export { formats } from './formats.js';
export { limits } from './limits.js';
export { formatPurl, normalizePypiName, type PurlParts } from './purl.js';
export { readEnvironmentFile, type FileReading } from './read-environment-file.js';
export { redactUrl, type RedactedUrl } from './redact.js';
