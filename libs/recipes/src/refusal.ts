import { ArchiveError } from '@envarium/errors';

/** @param reason one sentence for a person; never repeats a value of the file that may be a secret */
export function recipeInvalid(file: string | null, line: number | null, reason: string, cause?: unknown): ArchiveError {
  return new ArchiveError('RECIPE_INVALID', { file, line, reason }, cause === undefined ? {} : { cause });
}

/** It could be built, but it is not done here. */
export function recipeRefused(file: string | null, line: number | null, reason: string): ArchiveError {
  return new ArchiveError('RECIPE_REFUSED', { file, line, reason });
}
