import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const vagrantfileFormat = {
  id: 'vagrantfile',
  name: 'Vagrantfile',
  url: 'https://developer.hashicorp.com/vagrant/docs/vagrantfile/machine_settings',
  kind: 'recipe',
  patterns: [/^Vagrantfile(?:[._-][\w.-]+)?$/],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
