import type { RpmFacts } from './rpm-package.js';

/** The first field of a block, aligned as rpm aligns it: in a description the words may stand otherwise. */
const FIRST = /^Name {8}: (\S+)/;
const FIELD = /^(Epoch|Version|Release|Architecture) *: *(\S+)/;
/** In the second column of early rpm. */
const VENDOR = /(?:^| {2})Vendor *: (.+?)(?: {2}|$)/;
const DESCRIPTION = /^Description *:/;
const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/^fedora/i, 'fedora'],
  [/^centos/i, 'centos'],
  [/^red ?hat/i, 'redhat'],
  [/^rocky/i, 'rocky'],
  [/^almalinux/i, 'almalinux'],
  [/^opensuse/i, 'opensuse'],
  [/^suse/i, 'suse'],
  [/^mageia/i, 'mageia'],
  [/^amazon/i, 'amzn'],
  [/^oracle/i, 'oracle'],
  [/^openeuler/i, 'openeuler'],
];

export const INFO_MARK = /^Name {8}: \S[^\n]*\n(?:Epoch {7}: [^\n]*\n)?Version {5}: \S/m;

interface Block {
  readonly name: string;
  readonly line: number;
  readonly fields: Map<string, string>;
  vendor: string | null;
}

/** The blocks of `rpm -qi` and `rpm -qia`. */
export function readInfoBlocks(lines: readonly string[]): RpmFacts[] {
  const packages: RpmFacts[] = [];
  let block: Block | null = null;
  let isDescription = false;
  for (const [index, content] of lines.entries()) {
    const [, name] = FIRST.exec(content) ?? [];
    if (name !== undefined) {
      if (block !== null) packages.push(factsOf(block));
      block = { name, line: index + 1, fields: new Map(), vendor: null };
      isDescription = false;
    } else if (DESCRIPTION.test(content)) isDescription = true;
    if (block === null || isDescription) continue;
    const [, field, value] = FIELD.exec(content) ?? [];
    if (field !== undefined && value !== undefined) block.fields.set(field, value);
    block.vendor ??= vendorName(VENDOR.exec(content)?.[1]);
  }
  if (block !== null) packages.push(factsOf(block));
  return packages;
}

function factsOf({ name, line, fields, vendor }: Block): RpmFacts {
  const version = fields.get('Version') ?? '';
  const epoch = fields.get('Epoch') ?? null;
  return {
    name,
    written: version,
    version,
    release: fields.get('Release') ?? null,
    epoch: epoch === '(none)' ? null : epoch,
    architecture: fields.get('Architecture') ?? null,
    vendor,
    source: null,
    isInstalled: true,
    line,
  };
}

function vendorName(written: string | undefined): string | null {
  return written === undefined ? null : (VENDORS.find(([pattern]) => pattern.test(written))?.[1] ?? null);
}
