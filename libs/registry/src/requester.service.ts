import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { RepositoriesService } from './repositories.service.js';

/** Who asked for work that is done later, with the rights of now: an account may have lost them since it asked. */
@Injectable()
export class RequesterService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly repositories: RepositoriesService,
  ) {}

  /** @throws ArchiveError DENIED */
  async principal(account: string, repository: string): Promise<Principal> {
    const found = await this.prisma.account.findFirst({ where: { name: account, disabledAt: null } });
    if (found === null) throw new ArchiveError('DENIED', { account });
    const { id: accountId, name, isAdmin } = found;
    const principal: Principal = { kind: 'account', accountId, name, isAdmin };
    if (await this.repositories.mayWrite(principal, repository)) return principal;
    throw new ArchiveError('DENIED', { account, repository });
  }
}
