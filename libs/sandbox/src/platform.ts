const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ppc64: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
};

/** `os/architecture` of images that run here. Emulation would be another machine: it is not counted. */
export function nativePlatform(): string {
  return `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;
}
