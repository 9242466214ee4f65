import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { ArchiveError } from '@envarium/errors';
import { MANIFEST_MAX_SIZE, parseDigest, parseManifest } from '@envarium/oci';
import { ContentService } from '@envarium/registry';
import {
  EnvironmentManifest,
  type ExportFormat,
  type ExportQuery,
  type PackageFile,
  type RecordVersion,
} from '@envarium/schema';
import {
  CONDA_MEDIA_TYPE,
  CYCLONEDX_MEDIA_TYPE,
  judgePackageLock,
  judgeRenvLock,
  type LockResult,
  NPM_MEDIA_TYPE,
  PIP_MEDIA_TYPE,
  RENV_MEDIA_TYPE,
  serializeCondaExplicit,
  serializeCycloneDx,
  serializePipRequirements,
  serializeSpdx,
  SPDX_MEDIA_TYPE,
} from '@envarium/serializers';
import { RecordsService } from './records.service.js';

export interface ExportedFile {
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** Under which a person saves it. */
  readonly fileName: string;
}

/** Read whole, on the thread that answers requests. */
const MANIFEST_LIMIT = 64 * 1024 * 1024;
const LOCK_FILE_LIMIT = 16 * 1024 * 1024;

const TARGETS: Readonly<Record<ExportFormat, { mediaType: string; suffix: string }>> = {
  cyclonedx: { mediaType: CYCLONEDX_MEDIA_TYPE, suffix: '.cdx.json' },
  spdx: { mediaType: SPDX_MEDIA_TYPE, suffix: '.spdx.json' },
  pip: { mediaType: PIP_MEDIA_TYPE, suffix: '.requirements.txt' },
  conda: { mediaType: CONDA_MEDIA_TYPE, suffix: '.conda-explicit.txt' },
  renv: { mediaType: RENV_MEDIA_TYPE, suffix: '.renv.lock' },
  npm: { mediaType: NPM_MEDIA_TYPE, suffix: '.package-lock.json' },
};

/** The environment of a version in the formats of others: bills of materials always, lock files only where they are exact. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly records: RecordsService,
    private readonly content: ContentService,
  ) {}

  /**
   * The same version and question give the same bytes.
   * @throws ArchiveError ENVIRONMENT_UNKNOWN, EXPORT_REFUSED, and as `RecordsService.version`
   */
  async export(caller: Principal, reference: string, format: ExportFormat, query: ExportQuery): Promise<ExportedFile> {
    const version = await this.records.version(caller, reference);
    const files = await this.records.packageFiles(caller, `${version.repository}@v${version.number}`);
    const { mediaType, suffix } = TARGETS[format];
    const name = version.repository.replaceAll('/', '-');
    return {
      bytes: await this.bytes(format, version, files, query),
      mediaType,
      fileName: `${name}-v${version.number}${suffix}`,
    };
  }

  private async bytes(
    format: ExportFormat,
    version: RecordVersion,
    files: readonly PackageFile[],
    query: ExportQuery,
  ): Promise<Buffer> {
    const archived = format === 'cyclonedx' ? await this.archivedBom(version) : null;
    if (archived !== null) return archived;
    const manifest = await this.manifest(version, format);
    const subject = { name: version.repository, version: `v${version.number}` };
    const multiple = ofFormat(files, 'pixi-lock').map(({ path }) => path);
    switch (format) {
      case 'cyclonedx':
        return serializeCycloneDx(manifest, subject);
      case 'spdx':
        return serializeSpdx(manifest, { ...subject, created: version.publishedAt ?? version.createdAt });
      case 'pip':
        return await this.lock(format, serializePipRequirements(manifest, query, multiple), files);
      case 'conda':
        return await this.lock(format, serializeCondaExplicit(manifest, query, multiple), files);
      case 'renv': {
        const lockFiles = ofFormat(files, 'renv-lock').map(({ path }) => path);
        return await this.lock(format, judgeRenvLock(manifest, lockFiles, query.file), files);
      }
      case 'npm':
        return await this.lock(format, await this.judgePackageLocks(files, query.file), files);
    }
  }

  private async judgePackageLocks(files: readonly PackageFile[], asked: string | undefined): Promise<LockResult> {
    const locks = ofFormat(files, 'package-lock');
    const read = await Promise.all(
      locks.map(async ({ path, digest }) => ({
        file: path,
        bytes: await this.content.read(parseDigest(digest), LOCK_FILE_LIMIT),
      })),
    );
    return judgePackageLock(read, asked);
  }

  private async lock(format: ExportFormat, result: LockResult, files: readonly PackageFile[]): Promise<Buffer> {
    switch (result.outcome) {
      case 'written':
        return result.bytes;
      case 'deposited': {
        const found = files.find(({ path }) => path === result.file);
        if (found === undefined) throw new ArchiveError('EXPORT_REFUSED', { format, reason: 'no-lock-file' });
        return await this.content.read(parseDigest(found.digest), LOCK_FILE_LIMIT);
      }
      case 'refused': {
        const { outcome: _, ...why } = result;
        throw new ArchiveError('EXPORT_REFUSED', { format, ...why });
      }
    }
  }

  /** A published version has its bill of materials already: those bytes stay, whatever later programs would write. */
  private async archivedBom({ recordDigest }: RecordVersion): Promise<Buffer | null> {
    if (recordDigest === null) return null;
    const { references } = parseManifest(await this.content.read(parseDigest(recordDigest), MANIFEST_MAX_SIZE));
    const bom = references.find(({ descriptor }) => descriptor.mediaType === CYCLONEDX_MEDIA_TYPE);
    return bom === undefined ? null : await this.content.read(parseDigest(bom.descriptor.digest), MANIFEST_LIMIT);
  }

  private async manifest(
    { environment, repository, number }: RecordVersion,
    format: ExportFormat,
  ): Promise<EnvironmentManifest> {
    if (environment === null) throw new ArchiveError('ENVIRONMENT_UNKNOWN', { version: `${repository}@v${number}` });
    const bytes = await this.content.read(parseDigest(environment.digest), MANIFEST_LIMIT).catch((error: unknown) => {
      const isLarge = error instanceof ArchiveError && error.code === 'SIZE_INVALID';
      throw isLarge ? new ArchiveError('EXPORT_REFUSED', { format, reason: 'too-large' }, { cause: error }) : error;
    });
    return EnvironmentManifest.parse(JSON.parse(bytes.toString('utf8')));
  }
}

function ofFormat(files: readonly PackageFile[], format: string): PackageFile[] {
  return files.filter((file) => file.format === format);
}
