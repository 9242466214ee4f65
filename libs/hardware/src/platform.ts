/**
 * Names of machine architectures: the kernel's (`uname -m`) and those of OCI images, which are Go's GOARCH
 * (https://github.com/opencontainers/image-spec/blob/main/image-index.md#platform-variants).
 */
export interface OciArchitecture {
  readonly architecture: string;
  readonly variant?: string;
}

/** `mips` and `mips64` are left out: the kernel gives both byte orders one name, OCI gives them two. */
const OCI_BY_KERNEL: ReadonlyMap<string, OciArchitecture> = new Map([
  ['x86_64', { architecture: 'amd64' }],
  ['i386', { architecture: '386' }],
  ['i486', { architecture: '386' }],
  ['i586', { architecture: '386' }],
  ['i686', { architecture: '386' }],
  ['aarch64', { architecture: 'arm64' }],
  ['armv5l', { architecture: 'arm', variant: 'v5' }],
  ['armv5tel', { architecture: 'arm', variant: 'v5' }],
  ['armv6l', { architecture: 'arm', variant: 'v6' }],
  ['armv7l', { architecture: 'arm', variant: 'v7' }],
  ['armv8l', { architecture: 'arm', variant: 'v8' }],
  ['ppc64', { architecture: 'ppc64' }],
  ['ppc64le', { architecture: 'ppc64le' }],
  ['s390x', { architecture: 's390x' }],
  ['riscv64', { architecture: 'riscv64' }],
  ['loongarch64', { architecture: 'loong64' }],
]);

/** Instruction sets that QEMU's user-mode emulation runs on another machine. */
export const EMULATED: ReadonlySet<string> = new Set(
  ['amd64', '386', 'arm', 'arm64', 'ppc64', 'ppc64le', 's390x', 'riscv64', 'loong64'].concat([
    'mips',
    'mipsle',
    'mips64',
    'mips64le',
  ]),
);

/**
 * @param name an architecture in either spelling
 * @returns null when no OCI image can name it, or the name leaves it open
 */
export function toOciArchitecture(name: string): OciArchitecture | null {
  const fromKernel = OCI_BY_KERNEL.get(name);
  if (fromKernel !== undefined) return fromKernel;
  return EMULATED.has(name) && !name.startsWith('mips') ? { architecture: name } : null;
}

/** @returns the kernel's spelling; null when there is none for certain, as for `arm` without its variant */
export function toKernelArchitecture(name: string): string | null {
  if (OCI_BY_KERNEL.has(name)) return name;
  if (name === '386') return 'i686';
  for (const [kernel, { architecture }] of OCI_BY_KERNEL) {
    if (architecture === name && architecture !== 'arm') return kernel;
  }
  return null;
}
