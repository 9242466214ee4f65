import { ArchiveError } from '@envarium/errors';
import { type ImageSource, openOciLayout } from '@envarium/oci';
import { directoryTree } from '../deposit/open-image.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import type { Output } from '../output.js';
import { counted } from '../progress.js';
import { drain, type Findings } from './findings.js';

/** Proves a layout on this machine from its bytes alone. @returns the digest of its image */
export async function verifyLayout(directory: string, findings: Findings, output: Output): Promise<string> {
  const image = await openImage(directory);
  for (const manifest of [image.root, ...image.manifests.values()]) {
    await findings.check('image manifest', manifest.digest, async () => manifest.bytes.length);
  }
  for (const { kind, descriptor, isOptional } of image.missing) {
    if (!isOptional) findings.fault(kind, descriptor.digest, 'is not in the layout');
  }
  const progress = await output.progress(
    'verify',
    image.blobs.reduce((total, { size }) => total + size, 0),
  );
  try {
    for (const { digest } of image.blobs) {
      await findings.check('blob', digest, () => drain(counted(image.blob(digest), progress)));
    }
  } finally {
    progress.stop();
  }
  return image.root.digest;
}

/** Already opening checks the documents; what is wrong with them is a finding, not a failure of ours. */
async function openImage(directory: string): Promise<ImageSource> {
  try {
    return await openOciLayout(directoryTree(directory));
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const failure = {
      exitCode: EXIT.verification,
      code: error.code,
      title: `${directory}: ${error.message}`,
      remedy: null,
      detail: error.detail,
    };
    throw new CommandFailed(failure, { cause: error });
  }
}
