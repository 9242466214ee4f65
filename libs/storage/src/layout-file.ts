import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';

const LayoutFile = z.object({ imageLayoutVersion: z.literal('1.0.0') });

/**
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md#oci-layout-file
 * @throws ArchiveError CONFIG_INVALID when a store of another kind or version is at `place`
 */
export function assertLayout(text: string, place: string): void {
  try {
    LayoutFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new ArchiveError('CONFIG_INVALID', { store: place, invalid: 'oci-layout' }, { cause });
  }
}
