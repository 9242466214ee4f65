import { z } from 'zod';
import { JsonObject } from '../json-evidence.js';

const Text = z.string().optional().catch(undefined);

export const PipfileLock = z.object({
  _meta: z.object({
    'pipfile-spec': z.number().optional().catch(undefined),
    hash: JsonObject.optional().catch(undefined),
    requires: z.object({ python_version: Text, python_full_version: Text }).optional().catch(undefined),
    sources: z
      .array(z.object({ name: Text, url: Text }))
      .optional()
      .catch(undefined),
  }),
});
export type PipfileLock = z.infer<typeof PipfileLock>;

/** An entry of a Pipfile or its lock. https://pipenv.pypa.io/en/latest/pipfile.html */
export const PipfileEntry = z.object({
  version: z.unknown().optional(),
  hashes: z.array(z.string()).optional().catch(undefined),
  extras: z.array(z.string()).optional().catch(undefined),
  index: Text,
  markers: Text,
  git: Text,
  hg: Text,
  svn: Text,
  bzr: Text,
  ref: Text,
  subdirectory: Text,
  path: Text,
  file: Text,
  /** older spellings of `file` */
  uri: Text,
  url: Text,
  os_name: Text,
  sys_platform: Text,
  platform_machine: Text,
  platform_system: Text,
  platform_python_implementation: Text,
  implementation_name: Text,
  python_version: Text,
  python_full_version: Text,
});
export type PipfileEntry = z.infer<typeof PipfileEntry>;
