import { z } from 'zod';
import { JsonObject } from '../json-evidence.js';

const Text = z.string().optional().catch(undefined);

export const FlakeLock = z.object({ version: z.number(), root: z.string(), nodes: JsonObject });
export type FlakeLock = z.infer<typeof FlakeLock>;

/** A flake reference as attributes. `locked` has the commit and hash, `original` what flake.nix asks for. */
export const Reference = z.object({
  type: Text,
  owner: Text,
  repo: Text,
  host: Text,
  dir: Text,
  id: Text,
  url: Text,
  path: Text,
  ref: Text,
  rev: Text,
  narHash: Text,
});
export type Reference = z.infer<typeof Reference>;

export const Node = z.object({
  inputs: JsonObject.optional().catch(undefined),
  locked: Reference.optional().catch(undefined),
  original: Reference.optional().catch(undefined),
});
export type Node = z.infer<typeof Node>;
