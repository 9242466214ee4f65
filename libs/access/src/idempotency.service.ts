import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isUniqueViolation, type Prisma, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { canonicalJson } from '@envarium/schema';
import type { Principal } from './principal.js';

/** A request that never finished is taken for crashed after this long, and its key may be used again. */
const ABANDONED_MS = 2 * 60 * 1000;
const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEY_LENGTH = 255;

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/**
 * The Idempotency-Key header: the first answer to a key is given again to every repetition for a day.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
@Injectable()
export class IdempotencyService {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * @param key null: no key was sent, nothing is remembered
   * @param parse checks the remembered answer before it is given out again
   * @throws ArchiveError IDEMPOTENCY_CONFLICT, IDEMPOTENCY_BUSY, REQUEST_INVALID (key too long)
   */
  async once<T extends object>(
    principal: Principal,
    key: string | null,
    request: unknown,
    parse: (value: unknown) => T,
    work: () => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    if (key === null || principal.kind === 'anonymous') return await work();
    if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
      throw new ArchiveError('REQUEST_INVALID', { header: 'Idempotency-Key', maximum: MAX_KEY_LENGTH });
    }
    const id = { accountId: principal.accountId, key };
    const requestHash = createHash('sha256').update(canonicalJson(request)).digest('hex');
    const remembered = await this.claim(id, requestHash);
    if (remembered !== null) return { status: remembered.status, body: parse(remembered.response) };
    try {
      const answer = await work();
      await this.prisma.idempotentRequest.update({
        where: { accountId_key: id },
        data: { status: answer.status, response: JSON.parse(JSON.stringify(answer.body)) as Prisma.InputJsonValue },
      });
      return answer;
    } catch (error) {
      await this.prisma.idempotentRequest.delete({ where: { accountId_key: id } });
      throw error;
    }
  }

  /** Forgets old keys. Returns how many. */
  async expire(): Promise<number> {
    const { count } = await this.prisma.idempotentRequest.deleteMany({
      where: { createdAt: { lt: new Date(Date.now() - KEPT_MS) } },
    });
    return count;
  }

  /** null: the key is ours now, go on. */
  private async claim(
    id: { accountId: bigint; key: string },
    requestHash: string,
  ): Promise<{ status: number; response: Prisma.JsonValue } | null> {
    try {
      await this.prisma.idempotentRequest.create({ data: { ...id, requestHash } });
      return null;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    const row = await this.prisma.idempotentRequest.findUnique({ where: { accountId_key: id } });
    if (row === null) throw new ArchiveError('IDEMPOTENCY_BUSY', { key: id.key });
    if (row.requestHash !== requestHash) throw new ArchiveError('IDEMPOTENCY_CONFLICT', { key: id.key });
    if (row.status !== null) return { status: row.status, response: row.response };
    const taken = await this.prisma.idempotentRequest.updateMany({
      where: { ...id, status: null, createdAt: { lt: new Date(Date.now() - ABANDONED_MS) } },
      data: { createdAt: new Date() },
    });
    if (taken.count === 0) throw new ArchiveError('IDEMPOTENCY_BUSY', { key: id.key });
    return null;
  }
}
