import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DigestString } from '@envarium/oci';
import { z } from 'zod';
import { usageError } from '../failure.js';

export const CAPTURE_DIRECTORY = '.envarium-capture';
export const LIST_NAME = 'envarium-capture.json';
/** The captured bytes, under the paths that they have in the deposit. */
const FILES = 'files';

const CapturedFile = z.object({
  path: z.string().min(1).describe('path in the deposit'),
  digest: DigestString,
  size: z.number().int(),
  source: z.string().nullable().describe('what the machine was asked; null: a file of the directory'),
});
export type CapturedFile = z.infer<typeof CapturedFile>;

/** What `envarium capture` writes and `envarium deposit` reads. */
export const CaptureList = z.object({
  schemaVersion: z.literal(1),
  capturedAt: z.iso.datetime(),
  files: z.array(CapturedFile),
  missing: z.array(z.object({ source: z.string(), reason: z.string() })),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  others: z.object({ count: z.number().int(), examples: z.array(z.string()) }),
});
export type CaptureList = z.infer<typeof CaptureList>;

export function captureListPath(captureDirectory: string): string {
  return path.join(captureDirectory, LIST_NAME);
}

export function capturedFilePath(captureDirectory: string, depositPath: string): string {
  return path.join(captureDirectory, FILES, ...depositPath.split('/'));
}

/** @returns null when the directory is no capture */
export async function readCaptureList(captureDirectory: string): Promise<CaptureList | null> {
  let text: string;
  try {
    text = await readFile(captureListPath(captureDirectory), 'utf8');
  } catch {
    return null;
  }
  const parsed = CaptureList.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw usageError(`${captureListPath(captureDirectory)} is damaged`, 'Remove it, and run `envarium capture` again.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
