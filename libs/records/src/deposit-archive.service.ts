import { Injectable } from '@nestjs/common';
import { type Understanding, UnderstandingService } from '@envarium/environments';
import { ENVIRONMENT_MANIFEST_TYPE, HARDWARE_FINGERPRINT_TYPE } from '@envarium/oci';
import { ArtifactsService, type RepositoryRef } from '@envarium/registry';
import type { CreateDeposit, PackageFile, RecordDocument } from '@envarium/schema';
import { DepositFilesService, type HeldFile } from './deposit-files.service.js';

type ArchivedContent = Pick<RecordDocument, 'packageFiles' | 'environment' | 'hardware'>;

/** The bytes of a deposit and what they say, all durable when `take` resolves. */
@Injectable()
export class DepositArchive {
  constructor(
    private readonly files: DepositFilesService,
    private readonly artifacts: ArtifactsService,
    private readonly understanding: UnderstandingService,
  ) {}

  async take(repository: RepositoryRef | null, request: CreateDeposit): Promise<ArchivedContent> {
    const held = await this.files.hold(repository, request.files);
    const understanding = await this.understanding.understand(
      held.flatMap(({ path, bytes }) => (bytes === null ? [] : [{ path, bytes }])),
    );
    const { environment, hardware } = understanding;
    return {
      packageFiles: held.map((file) => packageFile(file, understanding)).sort((a, b) => (a.path < b.path ? -1 : 1)),
      environment: environment === null ? null : await this.document(environment, ENVIRONMENT_MANIFEST_TYPE),
      hardware: hardware === null ? null : await this.document(hardware, HARDWARE_FINGERPRINT_TYPE),
    };
  }

  private async document(value: unknown, mediaType: string): Promise<{ digest: string; size: number }> {
    const { digest, size } = await this.artifacts.document(value, mediaType);
    return { digest, size };
  }
}

function packageFile(file: HeldFile, understanding: Understanding): PackageFile {
  const understood = understanding.files.find((each) => each.path === file.path);
  return {
    path: file.path,
    digest: file.digest,
    size: file.size,
    format: understood?.format ?? null,
    packageCount: understood?.packageCount ?? 0,
    secretCount: understood?.secrets.length ?? 0,
    message:
      understood === undefined ? 'larger than what is read for its meaning; kept byte for byte' : understood.message,
    line: understood?.line ?? null,
  };
}
