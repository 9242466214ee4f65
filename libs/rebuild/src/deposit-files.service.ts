import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import { parseDigest } from '@envarium/oci';
import { RecordsService, type VersionRow } from '@envarium/records';
import type { RecipeFile } from '@envarium/recipes';
import { ContentService } from '@envarium/registry';

/** Of one file of a build context, and of all together: data belongs into the runs, not into the recipe. */
const MAX_FILE = 64 * 1024 * 1024;
const MAX_TOTAL = 256 * 1024 * 1024;
const SHEBANG = Buffer.from('#!');

/** The deposited files of a version, as a recipe sees them. */
@Injectable()
export class DepositFilesService {
  constructor(
    private readonly records: RecordsService,
    private readonly content: ContentService,
  ) {}

  /** @throws ArchiveError RECIPE_REFUSED when they are larger than a build context may be */
  async read(version: VersionRow): Promise<RecipeFile[]> {
    const listed = await this.records.packageFilesOf(version.id);
    const total = listed.reduce((sum, { size }) => sum + size, 0);
    if (total > MAX_TOTAL)
      throw new ArchiveError('RECIPE_REFUSED', { reason: 'context-too-large', size: total, limit: MAX_TOTAL });
    const files: RecipeFile[] = [];
    for (const { path: name, digest } of listed) {
      const bytes = await this.content.read(parseDigest(digest), MAX_FILE);
      // A deposit keeps no modes; what begins like a program is one.
      files.push({ path: name, bytes, isExecutable: bytes.subarray(0, 2).equals(SHEBANG) });
    }
    return files;
  }
}

/** Writes files below a directory, with the same modes and times whoever writes them. */
export async function writeContext(directory: string, files: readonly RecipeFile[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { path: name, bytes, isExecutable } of files) {
    const target = path.join(directory, name);
    if (!target.startsWith(`${directory}/`)) throw new ArchiveError('RECIPE_INVALID', { file: name, reason: 'path' });
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, bytes);
    await chmod(target, isExecutable ? 0o755 : 0o644);
  }
}
