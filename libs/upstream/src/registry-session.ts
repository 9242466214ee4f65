import { ArchiveError } from '@envarium/errors';
import type { Outbound, OutboundResponse } from '@envarium/outbound';
import { type BackOff, retrying } from './back-off.js';
import { RegistryLogin } from './registry-login.js';
import { isBusy, refusedStatus } from './upstream-failure.js';
import type { UpstreamCredentials } from './upstream-registry.js';

export interface SessionTarget {
  /** Of the API, with the port where there is one. */
  readonly host: string;
  readonly repository: string;
  readonly credentials: UpstreamCredentials | null;
}

export interface SessionRequest {
  /** From the root of the registry, or an address that it gave itself. */
  readonly path: string | URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** How a host fails that does not speak TLS on this port. */
const NO_TLS = /^(?:EPROTO|ERR_SSL_.*|ECONNRESET|ECONNREFUSED|UND_ERR_SOCKET)$/;

/** Requests to one repository of one registry: finds the scheme, logs in, stays logged in. */
export class RegistrySession {
  private readonly login: RegistryLogin;
  private origin: URL | null = null;

  constructor(
    private readonly outbound: Outbound,
    private readonly target: SessionTarget,
    private readonly backOff: BackOff,
  ) {
    this.login = new RegistryLogin(outbound, target.credentials, `repository:${target.repository}:pull`);
  }

  get host(): string {
    return this.target.host;
  }

  /**
   * One try. Any status but 401, 403 and those that say "not now" comes back as an answer.
   * @throws ArchiveError UPSTREAM_DENIED, UPSTREAM_UNAVAILABLE, and as `Outbound.send`
   */
  async get({ path, headers, signal }: SessionRequest): Promise<OutboundResponse> {
    const base = await this.base(signal);
    const url = new URL(path, base);
    const send = async (authorization: string | null): Promise<OutboundResponse> =>
      await this.outbound.send({
        url,
        // A page may lead to another host: it gets no credentials.
        headers: { ...headers, ...(authorization !== null && url.origin === base.origin && { authorization }) },
        signal,
      });
    const first = await this.login.authorization(signal);
    let response = await send(first);
    if (response.status === 401 && response.url.origin === base.origin) {
      response.discard();
      const header = response.headers['www-authenticate'] ?? '';
      const next = await this.login.challenged([header].flat().join(', '), base, first, signal);
      if (next === null) throw refusedStatus(response, { repository: this.target.repository });
      response = await send(next);
    }
    if (isBusy(response.status) || response.status === 401 || response.status === 403) {
      response.discard();
      throw refusedStatus(response, { repository: this.target.repository });
    }
    return response;
  }

  /** A small document whole, tried again when it breaks off. The body of any other status than 200 is not read. */
  async document(
    request: SessionRequest,
    limit: number,
  ): Promise<{ readonly response: OutboundResponse; readonly bytes: Buffer }> {
    const work = async () => {
      const response = await this.get(request);
      if (response.status === 200) return { response, bytes: await this.outbound.read(response, limit) };
      response.discard();
      return { response, bytes: Buffer.alloc(0) };
    };
    return await retrying(work, this.backOff, request.signal);
  }

  /**
   * https; for a host that the operator named also http, when it does not speak TLS.
   * https://docs.docker.com/reference/cli/dockerd/#insecure-registries does the same
   */
  private async base(signal: AbortSignal): Promise<URL> {
    if (this.origin !== null) return this.origin;
    const secure = addressOf('https', this.target.host);
    const plain = addressOf('http', this.target.host);
    this.origin = this.outbound.isAllowed(plain) && !(await this.speaksTls(secure, signal)) ? plain : secure;
    return this.origin;
  }

  private async speaksTls(url: URL, signal: AbortSignal): Promise<boolean> {
    try {
      (await this.outbound.send({ url: new URL('/v2/', url), signal })).discard();
      return true;
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      // The operator may have named the port of http alone.
      return error.code !== 'OUTBOUND_REFUSED' && !NO_TLS.test(String(error.detail['reason']));
    }
  }
}

function addressOf(scheme: 'http' | 'https', host: string): URL {
  return new URL(`${scheme}://${host}`);
}
