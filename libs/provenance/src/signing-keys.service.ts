import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { actorName, type Principal, requireAdmin, SealingService } from '@envarium/access';
import { keyIdOf } from '@envarium/attestation';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import type { PublicKey } from '@envarium/schema';
import { presentKey } from './provenance.presenter.js';
import { writeKey, writeKeyRetirement } from './key-rows.js';

export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

const ACTOR = 'envarium';
const MAX_KEYS = 1000;

/**
 * The keys that receipts are signed with: one at a time for the whole installation. Public halves are kept for ever, in
 * the journal too, so that old receipts can be checked; a private half is sealed, and forgotten when its key retires.
 */
@Injectable()
export class SigningKeysService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    private readonly sealing: SealingService,
  ) {}

  /** The key of now; the first receipt makes it. @throws ArchiveError SEAL_BROKEN when the installation's secret has changed */
  async current(): Promise<SigningKey> {
    return (await this.find(this.prisma)) ?? (await this.make());
  }

  /** Retires the key of now and makes another. @throws ArchiveError UNAUTHORIZED, DENIED */
  async rotate(principal: Principal): Promise<PublicKey> {
    requireAdmin(principal);
    return await this.journal.transaction(async (tx, record) => {
      await lockKeys(tx);
      return await this.replace(tx, record, actorName(principal));
    });
  }

  /** Every key that ever signed here, newest first. */
  async list(): Promise<PublicKey[]> {
    const rows = await this.prisma.signingKey.findMany({ orderBy: { id: 'desc' }, take: MAX_KEYS });
    return rows.map(presentKey);
  }

  /** True while the key may sign; holds it so until the transaction ends. */
  async isCurrent(tx: Transaction, keyId: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM signing_key WHERE key_id = ${keyId} AND retired_at IS NULL FOR SHARE`;
    return rows.length > 0;
  }

  private async make(): Promise<SigningKey> {
    const made = await this.journal.transaction(async (tx, record) => {
      await lockKeys(tx);
      // Another process may have been quicker; every process must sign with the same key.
      const found = await this.find(tx);
      if (found !== null) return found;
      await this.replace(tx, record, ACTOR);
      return await this.find(tx);
    });
    if (made === null) throw new Error('the signing key is missing after its insertion');
    return made;
  }

  private async find(tx: Transaction): Promise<SigningKey | null> {
    const row = await tx.signingKey.findFirst({
      where: { retiredAt: null, privateKey: { not: null } },
      orderBy: { id: 'desc' },
      select: { keyId: true, privateKey: true },
    });
    if (row === null || row.privateKey === null) return null;
    return { keyId: row.keyId, privateKey: this.open(row.keyId, row.privateKey) };
  }

  private open(keyId: string, sealed: Uint8Array): KeyObject {
    try {
      return createPrivateKey(this.sealing.open(sealed, sealContext(keyId)));
    } catch (cause) {
      throw new ArchiveError('SEAL_BROKEN', { keyId, reason: 'signing-key' }, { cause });
    }
  }

  /** Also retires keys whose private half is not here: a reindex brings only public halves back. */
  private async replace(tx: Transaction, record: RecordEvent, actor: string): Promise<PublicKey> {
    const retiring = await tx.signingKey.findMany({ where: { retiredAt: null }, select: { keyId: true } });
    for (const { keyId } of retiring) {
      const { at } = await record({ kind: 'signing-key-retired', actor, subject: keyId, detail: { keyId } });
      await writeKeyRetirement(tx, keyId, at);
    }
    const { privateKey, publicKey: publicHalf } = generateKeyPairSync('ed25519');
    const keyId = keyIdOf(publicHalf);
    const publicKey = publicHalf.export({ type: 'spki', format: 'pem' }).toString();
    const { at } = await record({
      kind: 'signing-key-created',
      actor,
      subject: keyId,
      detail: { keyId, publicKey, algorithm: 'ed25519' },
    });
    const sealed = this.sealing.seal(
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      sealContext(keyId),
    );
    return presentKey(await writeKey(tx, { keyId, publicKey, createdAt: at }, sealed));
  }
}

const sealContext = (keyId: string): string => `signing key ${keyId}`;

/** One at a time in the whole installation: there is never a second current key. */
async function lockKeys(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('signing-key', 0))`;
}
