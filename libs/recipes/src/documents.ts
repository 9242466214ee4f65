import { FormatError, parseToml as readToml } from '@envarium/formats';
import type { z } from 'zod';
import { recipeInvalid } from './refusal.js';

/** @throws ArchiveError RECIPE_INVALID with the line of the fault */
export function parseToml<Shape>(text: string, shape: z.ZodType<Shape>, file: string): Shape {
  let value: unknown;
  try {
    value = readToml(text, 0).root;
  } catch (cause) {
    const line = cause instanceof FormatError ? cause.line : null;
    throw recipeInvalid(file, line, 'The file is not valid TOML.', cause);
  }
  return checkShape(value, shape, file);
}

/** @throws ArchiveError RECIPE_INVALID with the line of the fault */
export function parseJson<Shape>(text: string, shape: z.ZodType<Shape>, file: string): Shape {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw recipeInvalid(file, null, 'The file is not valid JSON.', cause);
  }
  return checkShape(value, shape, file);
}

function checkShape<Shape>(value: unknown, shape: z.ZodType<Shape>, file: string): Shape {
  const checked = shape.safeParse(value);
  if (checked.success) return checked.data;
  const where = checked.error.issues[0]?.path.join('.') ?? '';
  throw recipeInvalid(file, null, `The file is of another shape than its format at ${JSON.stringify(where)}.`);
}
