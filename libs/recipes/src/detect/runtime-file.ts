import { recipeInvalid } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';

export interface RuntimeRequest {
  readonly name: string;
  readonly version: string | null;
  /** yyyy-mm-dd */
  readonly date: string | null;
  readonly file: string;
}

const RUNTIME = /^(?<name>[a-z]+)(?:-(?<version>\d+(?:\.\d+)*))?(?:-(?<date>\d{4}-\d{2}-\d{2}))?$/;

/** `name-version`, `name-version-date` or `name-date`. https://repo2docker.readthedocs.io/en/latest/config_files/#runtime-txt */
export function readRuntime(builder: PlanBuilder): RuntimeRequest | null {
  const file = builder.config('runtime.txt');
  if (file === null) return null;
  const { name, version = null, date = null } = RUNTIME.exec(builder.tree.text(file).trim())?.groups ?? {};
  if (name === undefined || (version === null && date === null)) {
    throw recipeInvalid(file, 1, 'The file must hold one line such as python-3.11 or r-4.2-2023-06-01.');
  }
  if (date !== null && !isDay(date)) throw recipeInvalid(file, 1, `${date} is no day.`);
  if (name !== 'python' && name !== 'r')
    builder.log.add('not-understood', `The runtime ${name} is not known.`, file, 1);
  return { name, version, date, file };
}

export function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
