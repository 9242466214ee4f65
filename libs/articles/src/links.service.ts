import { Inject, Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { isUniqueViolation, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService } from '@envarium/journal';
import { RecordsService, type VersionRow } from '@envarium/records';
import { REGISTRY_ADDRESS, type RegistryAddress } from '@envarium/resolution';
import type { CreateLink, LinkDocument, OutputLink } from '@envarium/schema';
import { ulid } from 'ulid';
import { linkSelect, presentLink } from './article.presenter.js';
import { LinkArchive } from './link-archive.js';
import { linkDocument } from './link-document.js';
import { claimDigest, writeLink } from './link-rows.js';

/** Claims that an output of an article came out of a run in an archived environment. */
@Injectable()
export class LinksService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    private readonly records: RecordsService,
    private readonly archive: LinkArchive,
    @Inject(REGISTRY_ADDRESS) private readonly registry: RegistryAddress,
  ) {}

  /**
   * Safe to repeat: the same claim again is the same link.
   * @throws ArchiveError VERSION_NOT_PUBLISHED, DENIED (a role that the account does not have), DOI_INVALID, OUTPUT_LABEL_INVALID, and as `requireWritableVersion`
   */
  async create(
    principal: Principal,
    reference: string,
    link: CreateLink,
  ): Promise<{ link: OutputLink; isNew: boolean }> {
    requireRole(principal, link.role);
    const version = await this.records.requireWritableVersion(principal, reference);
    const { recordDigest } = version;
    if (version.state !== 'published' || recordDigest === null) {
      throw new ArchiveError('VERSION_NOT_PUBLISHED', { reference, state: version.state });
    }
    const document = linkDocument(
      {
        recordId: version.record.publicId,
        repository: version.record.repository.name,
        number: version.number,
        recordDigest,
      },
      link,
      { runId: ulid(), by: actorName(principal), at: new Date() },
    );
    const existing = await this.find(claimDigest(document));
    if (existing !== null) return { link: existing, isNew: false };
    const written = await this.write(principal, version, document);
    return { link: written, isNew: written.run.id === document.runId };
  }

  /** Links of a version, oldest first. */
  async ofVersion(principal: Principal, reference: string): Promise<OutputLink[]> {
    const { id } = await this.records.requireVersion(principal, reference);
    const rows = await this.prisma.outputLink.findMany({
      where: { run: { versionId: id } },
      orderBy: { runId: 'asc' },
      take: 1000,
      select: linkSelect,
    });
    return rows.map((row) => presentLink(row, this.registry));
  }

  private async write(principal: Principal, version: VersionRow, document: LinkDocument): Promise<OutputLink> {
    const { repository } = version.record;
    const artifact = await this.archive.prepare(document);
    try {
      await this.journal.transaction(async (tx, record) => {
        // Two first claims about an article would both make it.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`article:${document.article.doi}`}, 0))`;
        await this.archive.insert(tx, record, repository, artifact, document.assertedBy);
        await writeLink(tx, document, artifact.digest);
        await record({
          kind: 'linked',
          actor: actorName(principal),
          subject: `${repository.name}@v${version.number}`,
          detail: { artifactDigest: artifact.digest, doi: document.article.doi, output: document.output.asPrinted },
          at: new Date(document.assertedAt),
        });
      });
    } catch (error) {
      // The same claim was made at the same moment by somebody else: theirs is the link.
      if (!isUniqueViolation(error)) throw error;
    }
    const written = await this.find(claimDigest(document));
    if (written === null) throw new ArchiveError('RUN_UNKNOWN', { run: document.runId });
    return written;
  }

  private async find(contentDigest: string): Promise<OutputLink | null> {
    const row = await this.prisma.outputLink.findFirst({ where: { run: { contentDigest } }, select: linkSelect });
    return row === null ? null : presentLink(row, this.registry);
  }
}

/** Depositors speak as authors. That a journal or a curator says something must not be for everybody to claim. */
function requireRole(principal: Principal, role: CreateLink['role']): void {
  if (role === 'author' || (principal.kind === 'account' && principal.isAdmin)) return;
  throw new ArchiveError(principal.kind === 'anonymous' ? 'UNAUTHORIZED' : 'DENIED', { role, allowed: ['author'] });
}
