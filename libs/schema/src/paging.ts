import { z } from 'zod';

/** Every list takes these. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(50).describe('items a page, 1 to 1000'),
  cursor: z.string().max(1024).optional().describe('the `next` of the page before'),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** The body of every list. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('cursor of the next page; null: this is the last'),
  });
}
