import { z } from 'zod';
import { JsonObject } from '../json-evidence.js';

const Text = z.string().optional().catch(undefined);

const Repository = z.object({ Name: z.string(), URL: z.string() });
/** An array of `{ Name, URL }`; renv 0.x could also write `{ CRAN: url }`. */
const Repositories = z
  .union([
    z.array(Repository),
    z.record(z.string(), z.string()).transform((urls) => Object.entries(urls).map(([Name, URL]) => ({ Name, URL }))),
  ])
  .catch([]);

export const RenvLock = z.object({
  R: z.object({ Version: Text, Repositories: Repositories.optional() }),
  Bioconductor: z.object({ Version: Text }).optional().catch(undefined),
  Python: z.object({ Version: Text }).optional().catch(undefined),
  Packages: JsonObject.optional().catch(undefined),
});
export type RenvLock = z.infer<typeof RenvLock>;

export const RenvPackage = z.object({
  Package: Text,
  Version: z.unknown().optional(),
  Source: Text,
  Repository: Text,
  RemoteType: Text,
  RemoteHost: Text,
  RemoteUsername: Text,
  RemoteRepo: Text,
  RemoteSubdir: Text,
  RemoteSha: Text,
  RemoteUrl: Text,
});
export type RenvPackage = z.infer<typeof RenvPackage>;
