import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createDigester } from '@envarium/oci';
import type { HashedFile } from '@envarium/schema';

/** Name, digest and size of a file of any size, in constant memory. */
export async function hashFile(file: string): Promise<HashedFile> {
  const digester = createDigester();
  for await (const chunk of createReadStream(file)) digester.update(Buffer.from(chunk));
  const { size } = digester;
  return { name: nameOf(file), digest: digester.digest(), size };
}

/** As the run used it, where that is below the working directory; else the name alone: a path tells who somebody is. */
function nameOf(file: string): string {
  const relative = path.relative('.', file);
  const isBelow = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return isBelow ? relative.split(path.sep).join('/') : path.basename(file);
}
