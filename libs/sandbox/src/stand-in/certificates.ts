import tls from 'node:tls';
import type { Issuer } from './authority.js';

/** What a TLS server is opened with. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
  readonly context: tls.SecureContext;
}

/** A program inside may ask for any number of names; what is over this is forgotten and made again when asked for. */
const MAX_KEPT = 1000;

/** Certificates of the servers that are played, made when first asked for. */
export class Certificates {
  private readonly kept = new Map<string, Promise<ServerCertificate>>();

  constructor(private readonly issuer: Issuer) {}

  async of(name: string): Promise<ServerCertificate> {
    const known = this.kept.get(name);
    if (known !== undefined) return known;
    const made = this.make(name);
    this.kept.set(name, made);
    made.catch(() => this.kept.delete(name));
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
    return made;
  }

  private async make(name: string): Promise<ServerCertificate> {
    const { certificate, key } = await this.issuer.issue(name);
    return { cert: certificate, key, context: tls.createSecureContext({ cert: certificate, key }) };
  }
}
