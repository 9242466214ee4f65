import { usageError } from './failure.js';

/** @throws CommandFailed for anything but a positive whole number */
export function parseCount(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageError(`${option} must be a positive whole number, not ${text}`);
}
