import type { ByteString } from './file-record.js';

export interface NoiseRule {
  readonly name: string;
  /** Paths in the image: `*` is any part of one component, `**` at the start any directory, at the end everything below. */
  readonly paths: readonly string[];
  /** Why a difference there says nothing about the environment. */
  readonly reason: string;
}

export interface NoisePolicy {
  readonly name: string;
  readonly version: number;
  readonly rules: readonly NoiseRule[];
}

/**
 * What two builds of one environment may differ in. Published with every comparison by name and version, so whoever reads a
 * grade knows what was left out: a change of any rule is a new version.
 */
export const NOISE_POLICY: NoisePolicy = {
  name: 'envarium-noise',
  version: 1,
  rules: [
    { name: 'logs', paths: ['var/log/**'], reason: 'Logs hold the times at which something was installed.' },
    {
      name: 'apt-lists',
      paths: ['var/lib/apt/lists/**'],
      reason: 'Package indexes of the day of the build; what is installed is in the package database.',
    },
    {
      name: 'apt-cache',
      paths: ['var/cache/apt/*.bin', 'var/cache/apt/archives/**'],
      reason: 'Made again by the next call of apt; the order in it depends on the machine.',
    },
    {
      name: 'package-manager-backups',
      paths: ['var/lib/dpkg/*-old', 'var/cache/debconf/*-old'],
      reason: 'The state before the last installed package; the state after it is compared.',
    },
    {
      name: 'account-backups',
      paths: ['etc/passwd-', 'etc/shadow-', 'etc/group-', 'etc/gshadow-', 'etc/subuid-', 'etc/subgid-'],
      reason: 'Copies from before the last change; the files themselves are compared.',
    },
    {
      name: 'linker-cache',
      paths: ['var/cache/ldconfig/aux-cache'],
      reason: 'Holds inode numbers and times of libraries; the libraries and ld.so.cache are compared.',
    },
    {
      name: 'bytecode',
      paths: ['**/__pycache__', '**/__pycache__/*.pyc'],
      reason: 'Python compiles it from the source beside it, and writes the time of the source into it.',
    },
    {
      name: 'npm-cache',
      paths: ['root/.npm', 'root/.npm/**', 'home/*/.npm', 'home/*/.npm/**', '**/node_modules/.package-lock.json'],
      reason: 'Downloads and logs with times; what is installed is in node_modules.',
    },
    {
      name: 'user-cache',
      paths: [
        'root/.cache',
        'root/.cache/**',
        'home/*/.cache',
        'home/*/.cache/**',
        'root/.wget-hsts',
        'root/.Rcache',
        'root/.Rcache/**',
      ],
      reason: 'Caches of programs, made again when they are missing.',
    },
    {
      name: 'desktop-cache',
      paths: ['var/cache/fontconfig/**', 'var/cache/man/**'],
      reason: 'Indexes over fonts and manual pages, with times; both are compared themselves.',
    },
    {
      name: 'machine-identity',
      paths: ['etc/machine-id', 'var/lib/dbus/machine-id', 'var/lib/systemd/random-seed', 'etc/ssh/ssh_host_*_key*'],
      reason: 'Random by design, different on every machine.',
    },
    {
      name: 'network-files',
      paths: ['etc/resolv.conf', 'etc/hosts', 'etc/hostname'],
      reason: 'Every container is given its own; builders leave theirs or an empty one behind.',
    },
    {
      name: 'mount-points',
      paths: ['run', 'run/**', 'dev', 'dev/**', 'proc', 'proc/**', 'sys', 'sys/**', '.dockerenv'],
      reason: 'Mounted over when a container runs; builders leave empty places behind.',
    },
    { name: 'temporary', paths: ['tmp/**', 'var/tmp/**'], reason: 'Nothing may rely on temporary files.' },
  ],
};

/** As in `envarium-noise v1`. */
export function noisePolicyName(): string {
  return `${NOISE_POLICY.name} v${NOISE_POLICY.version}`;
}

/** For people, a paragraph for each rule. */
export function noisePolicyText(): string {
  const rules = NOISE_POLICY.rules.map(({ name, paths, reason }) => `${name}: ${reason}\n  ${paths.join('  ')}\n`);
  return `${noisePolicyName()}: differences that say nothing about the environment.\n\n${rules.join('\n')}`;
}

const RULES = NOISE_POLICY.rules.map(({ name, paths }) => ({ name, pattern: patternOf(paths) }));
const ANY_RULE = patternOf(NOISE_POLICY.rules.flatMap(({ paths }) => paths));

/** The first rule that a path falls under; null: a difference there is material. */
export function noiseRuleOf(path: ByteString): string | null {
  if (!ANY_RULE.test(path)) return null;
  return RULES.find(({ pattern }) => pattern.test(path))?.name ?? null;
}

function patternOf(paths: readonly string[]): RegExp {
  return new RegExp(`^(?:${paths.map(expressionOf).join('|')})$`, 's');
}

function expressionOf(path: string): string {
  return path
    .split(/(\*\*\/|\*\*|\*)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.+';
      return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
    })
    .join('');
}
