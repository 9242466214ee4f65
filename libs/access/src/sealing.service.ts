import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import { SIGNING_SECRET } from './authentication.service.js';

const CIPHER = 'aes-256-gcm';
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
/** First byte of everything sealed, so that another way can follow. */
const FORM = 1;

/** Keeps secrets of others for a while: what is stored of them is worth nothing without the secret of the installation. */
@Injectable()
export class SealingService {
  private readonly key: Buffer;

  constructor(@Inject(SIGNING_SECRET) secret: string) {
    // A key of its own: what signs tokens must not also encrypt.
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'envarium sealed secrets', 32));
  }

  /** @param context what it belongs to; sealed for one thing it cannot be opened for another */
  seal(text: string, context: string): Buffer {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv(CIPHER, this.key, nonce);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(FORM), nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws ArchiveError SEAL_BROKEN: other secret, other context, or other bytes */
  open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed);
    const [nonceEnd, tagEnd] = [1 + NONCE_LENGTH, 1 + NONCE_LENGTH + TAG_LENGTH];
    if (bytes[0] !== FORM || bytes.length < tagEnd) throw new ArchiveError('SEAL_BROKEN', { context });
    const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(1, nonceEnd));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(nonceEnd, tagEnd));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new ArchiveError('SEAL_BROKEN', { context }, { cause });
    }
  }
}
