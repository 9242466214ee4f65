import { ArchiveError } from '@envarium/errors';
import { type IpAddress, type IpRange, isInRange, parseIpAddress, parseIpRange } from './ip-address.js';
import { unmapped } from './public-address.js';

/** What an operator permits beyond the public Internet: a name, or a range of addresses, on any port or on one. */
type Rule =
  | { readonly kind: 'name'; readonly name: string; readonly port: number | null }
  | { readonly kind: 'range'; readonly range: IpRange; readonly port: number | null };

const NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

export class AllowList {
  private constructor(private readonly rules: readonly Rule[]) {}

  /**
   * @param entries `registry.internal`, `registry.internal:5000`, `10.1.2.3:5000`, `[fd00::1]:5000`, `10.0.0.0/8`
   * @throws ArchiveError CONFIG_INVALID with every entry that is none of these
   */
  static parse(entries: readonly string[]): AllowList {
    const rules: Rule[] = [];
    const problems: string[] = [];
    for (const entry of entries) {
      const rule = parseRule(entry);
      if (rule === null) problems.push(`ENVARIUM_OUTBOUND_ALLOW: ${entry} is no host, host:port or range of addresses`);
      else rules.push(rule);
    }
    if (problems.length > 0) throw new ArchiveError('CONFIG_INVALID', { problems });
    return new AllowList(rules);
  }

  /** True when the name is permitted, wherever it leads: the operator trusts its name service. */
  permitsName(name: string, port: number): boolean {
    return this.rules.some((rule) => rule.kind === 'name' && rule.name === name && isPort(rule, port));
  }

  /** True when connections to this address are permitted, whatever name led there. */
  permitsAddress(address: IpAddress, port: number): boolean {
    const real = unmapped(address);
    return this.rules.some((rule) => rule.kind === 'range' && isInRange(real, rule.range) && isPort(rule, port));
  }
}

function isPort(rule: Rule, port: number): boolean {
  return rule.port === null || rule.port === port;
}

function parseRule(entry: string): Rule | null {
  const range = parseIpRange(entry);
  if (range !== null) return { kind: 'range', range, port: null };
  const parts = /^(?<host>\[[^\]]+\]|[^:]+)(?::(?<port>\d{1,5}))?$/.exec(entry)?.groups;
  const host = parts?.['host']?.toLowerCase() ?? '';
  const port = parts?.['port'] === undefined ? null : Number(parts['port']);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  const address = parseIpAddress(host.replace(/^\[(.+)\]$/, '$1'));
  if (address !== null) return { kind: 'range', range: { address, prefix: address.family === 4 ? 32 : 128 }, port };
  return NAME.test(host) ? { kind: 'name', name: host, port } : null;
}
