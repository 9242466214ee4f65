/**
 * What installers leave behind and would differ in each build. Bytecode stays: with SOURCE_DATE_EPOCH set, Python marks it by
 * the hash of its source.
 */
const REMOVED = [
  '/var/lib/apt/lists/*',
  '/var/cache/apt/*.bin',
  '/var/cache/apt/archives/*.deb',
  '/var/cache/ldconfig/aux-cache',
  '/var/lib/dpkg/*-old',
  '/var/cache/debconf/*-old',
  '/etc/passwd-',
  '/etc/shadow-',
  '/etc/group-',
  '/etc/gshadow-',
  '/etc/subuid-',
  '/etc/subgid-',
  '/var/cache/fontconfig/*',
  '/var/cache/man/*',
  '/var/lib/systemd/random-seed',
  '/root/.npm',
  '/root/.cache',
  '/root/.wget-hsts',
  '/root/.Rcache',
];

const COLUMNS = 110;

/** The last commands of each generated RUN, so that nothing of it gets into a layer. */
export function cleanCommands(): string[] {
  return [
    wrap('rm -rf', REMOVED),
    'find /tmp /var/tmp -xdev -mindepth 1 -delete',
    'find /var/log -xdev -type f -delete',
    'if [ -f /etc/machine-id ]; then : > /etc/machine-id; fi',
  ];
}

/** What a user without rights can leave behind. */
export function cleanHomeCommands(): string[] {
  return ['rm -rf "$HOME/.cache" "$HOME/.npm"', 'find /tmp /var/tmp -xdev -mindepth 1 -user "$(id -u)" -delete'];
}

/** One command over several lines. */
export function wrap(command: string, words: readonly string[]): string {
  const lines = [command];
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    if (`${line} ${word}`.length <= COLUMNS) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`      ${word}`);
  }
  return lines.join(' \\\n');
}
