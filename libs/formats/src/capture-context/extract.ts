import { type EnvironmentSpec, SeenContainer } from '@envarium/schema';
import { z } from 'zod';
import { markedJson } from '../marked-json.js';
import { emptySpec } from '../spec.js';

/** A name of a file in the same folder: what stands elsewhere was not seen with it. */
const ReportName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\]+$/);
const CaptureContext = z.object({
  container: SeenContainer.extend({
    engine: z.string().min(1).max(100),
    image: z.string().max(1000).nullable(),
  }).nullable(),
  reports: z.array(ReportName).max(1000),
});

export function extract(content: string): EnvironmentSpec | null {
  const found = markedJson(content, 'envarium-capture-context', 1, CaptureContext);
  if (found === null) return null;
  const { document, evidence } = found;
  const spec = emptySpec('capture-context', 'host');
  spec.capture = { ...document, line: evidence.lineOf('container') };
  spec.problems = [...evidence.problems];
  return spec;
}
