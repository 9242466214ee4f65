import { WhatRanQuery } from '@envarium/schema';
import { z } from 'zod';
import type { SearchText } from './search-form.js';

const Field = z.string().max(2500).optional();
/** A form sends every field, also those left empty. */
export const SearchQuery = z.object({
  doi: Field,
  output: Field,
  file: Field,
  record: Field,
  cursor: z.string().max(1024).optional(),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

export type Search =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'record'; readonly reference: string }
  | { readonly kind: 'output'; readonly query: WhatRanQuery }
  | { readonly kind: 'unclear'; readonly problem: string };

/** What the fields ask for. A digest may come as sha256sum prints it. */
export function readSearch(text: SearchText): Search {
  const [doi, output, file, record] = [text.doi, text.output, text.file, text.record].map(
    (each) => each?.trim() || undefined,
  );
  const asked = [doi ?? output, file, record].filter((each) => each !== undefined);
  if (asked.length === 0) return { kind: 'nothing' };
  if (asked.length > 1) return { kind: 'unclear', problem: 'Fill in one of: DOI, SHA-256, record.' };
  if (record !== undefined) return { kind: 'record', reference: record };
  if (file !== undefined) return readFile(file);
  if (doi === undefined) return { kind: 'unclear', problem: 'A label needs the DOI of its article.' };
  return { kind: 'output', query: { doi, ...(output !== undefined && { output }) } };
}

function readFile(text: string): Search {
  // "<digest>  figure3.svg": the whole line of sha256sum.
  const digest = (text.split(/\s/, 1)[0] ?? '').toLowerCase();
  const { data } = WhatRanQuery.safeParse({ file: digest.startsWith('sha256:') ? digest : `sha256:${digest}` });
  if (data === undefined) return { kind: 'unclear', problem: 'A SHA-256 has 64 characters, 0-9 and a-f.' };
  return { kind: 'output', query: data };
}
