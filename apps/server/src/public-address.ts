import type { RegistryAddress } from '@envarium/resolution';

/** As configured, or where the server listens: port 0 is known only after listening. */
export class PublicAddress implements RegistryAddress {
  private listening: string | null = null;

  constructor(private readonly configured: string | null) {}

  listensOn(host: string, port: number): void {
    // 0.0.0.0 is an address to listen on, not one to connect to.
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    this.listening = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
  }

  publicUrl(): string {
    const url = this.configured ?? this.listening;
    if (url === null) throw new Error('the address is asked for before the server listens');
    return url;
  }
}
