import { z } from 'zod';
import { Environment } from './config.js';

/** The text of `.env.example`: every variable with its description and default, commented out. */
export function environmentExample(): string {
  const lines = [
    '# Every setting of Envarium. Each NAME may also be given as NAME_FILE, a file that holds the value.',
    '',
  ];
  for (const [name, schema] of Object.entries(Environment.shape)) {
    lines.push(`# ${schema.description ?? ''}`);
    lines.push(`#${name}=${schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : ''}`, '');
  }
  return lines.join('\n');
}
