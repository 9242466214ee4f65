import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const flakeLockFormat = {
  id: 'flake-lock',
  name: 'flake.lock',
  url: 'https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake.html#lock-files',
  kind: 'lock file',
  patterns: [/(?:^|[-._])flake\.lock$/],
  ecosystems: ['github', 'generic'],
  extract,
} as const satisfies EnvironmentFormat;
