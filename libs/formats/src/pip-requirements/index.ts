import type { EnvironmentFormat } from '../format.js';
import { extract, REQUIREMENTS_NAME } from './extract.js';

export const pipRequirementsFormat = {
  id: 'pip-requirements',
  name: 'pip requirements file',
  url: 'https://pip.pypa.io/en/stable/reference/requirements-file-format/',
  kind: 'package file',
  patterns: [REQUIREMENTS_NAME],
  ecosystems: ['pypi'],
  extract,
} as const satisfies EnvironmentFormat;
