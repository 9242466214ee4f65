import { formats } from '@envarium/formats';
import { HARDWARE_FORMATS } from '@envarium/hardware';

const PATTERNS = [...formats, ...HARDWARE_FORMATS].flatMap(({ patterns }) => patterns);

/** Whether a file of this base name is usually a package file or a report. What it is, the server finds by its content. */
export function isPackageFileName(name: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(name));
}
