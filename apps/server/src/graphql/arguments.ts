import { ArchiveError } from '@envarium/errors';
import type { PipeTransform } from '@nestjs/common';
import { z } from 'zod';

/** GraphQL knows the types of arguments; their limits stand in the zod shape. */
export class ZodArguments<T extends z.ZodType> implements PipeTransform<unknown, z.infer<T>> {
  constructor(private readonly schema: T) {}

  /** @throws ArchiveError REQUEST_INVALID */
  transform(value: unknown): z.infer<T> {
    // An optional argument given as null is not given: clients send `after: null` for the first page.
    const given = Object.fromEntries(Object.entries(Object(value)).filter(([, each]) => each !== null));
    const result = this.schema.safeParse(given);
    if (result.success) return result.data;
    const problems = result.error.issues.map((issue) =>
      [issue.path.join('.'), issue.message].filter(Boolean).join(': '),
    );
    throw new ArchiveError('REQUEST_INVALID', { problems: problems.slice(0, 20) });
  }
}

/** One argument that is a name or a reference; its grammar is the business of whoever looks it up. */
export const ReferenceText = z.string().min(1).max(2500);

export class ZodArgument implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    const result = ReferenceText.safeParse(value);
    if (result.success) return result.data;
    throw new ArchiveError('REQUEST_INVALID', { problems: result.error.issues.map((issue) => issue.message) });
  }
}
