import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { Prisma, PrismaService } from '@envarium/database';
import { type ComparedEnvironment, diffEnvironments, EnvironmentsService } from '@envarium/environments';
import { ArchiveError } from '@envarium/errors';
import { parseDigest } from '@envarium/oci';
import { RecordsService } from '@envarium/records';
import { ContentService } from '@envarium/registry';
import { type EnvironmentDiff, EnvironmentManifest } from '@envarium/schema';
import { imageEnvironmentsOf } from './environment-sql.js';

/** Some 20,000 packages: what is parsed here keeps all other requests waiting. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** What lies between two versions: their packages, machines and images. */
@Injectable()
export class DiffService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly records: RecordsService,
    private readonly content: ContentService,
    private readonly environments: EnvironmentsService,
  ) {}

  /** @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN, ENVIRONMENT_TOO_LARGE */
  async diff(principal: Principal, from: string, to: string): Promise<EnvironmentDiff> {
    const [left, right] = await Promise.all([this.compared(principal, from), this.compared(principal, to)]);
    return diffEnvironments(left, right);
  }

  private async compared(principal: Principal, reference: string): Promise<ComparedEnvironment> {
    const version = await this.records.version(principal, reference);
    const { environment, hardware, imageDigest } = version;
    const digests = [
      ...(environment === null ? [] : [environment.digest]),
      ...(imageDigest === null ? [] : await this.imageEnvironments(imageDigest)),
    ];
    const fingerprints = await this.environments.hardware(hardware === null ? [] : [hardware.digest]);
    return {
      name: `${version.repository}@v${version.number}`,
      imageDigest,
      environments: await Promise.all(digests.map(async (digest) => await this.manifest(digest))),
      hardware: fingerprints.get(hardware?.digest ?? '') ?? null,
    };
  }

  private async imageEnvironments(imageDigest: string): Promise<string[]> {
    const { rows } = await this.prisma.statement<{ digest: string }>(imageEnvironmentsOf(Prisma.sql`${imageDigest}`));
    return rows.map(({ digest }) => digest).sort();
  }

  private async manifest(digest: string): Promise<EnvironmentManifest> {
    try {
      const bytes = await this.content.read(parseDigest(digest), MAX_MANIFEST_BYTES);
      return EnvironmentManifest.parse(JSON.parse(bytes.toString('utf8')));
    } catch (error) {
      if (!(error instanceof ArchiveError) || error.code !== 'SIZE_INVALID') throw error;
      throw new ArchiveError('ENVIRONMENT_TOO_LARGE', { digest, limit: MAX_MANIFEST_BYTES }, { cause: error });
    }
  }
}
