import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const cargoLockFormat = {
  id: 'cargo-lock',
  name: 'Cargo.lock',
  url: 'https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html',
  kind: 'lock file',
  patterns: [FILE_NAME],
  ecosystems: ['cargo'],
  extract,
} as const satisfies EnvironmentFormat;
