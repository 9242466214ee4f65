/** Where compilers and interpreters come from. */
export type Toolchain = 'apt' | 'base';
export type ToolchainName = 'python' | 'node' | 'r' | 'go' | 'rust' | 'conda' | 'julia';

interface DebianToolchain {
  /** of Debian bookworm, as far as it is fixed there: security updates change only what stands behind it */
  readonly version: string;
  readonly packages: readonly string[];
}

/** Debian bookworm, https://packages.debian.org/bookworm/. Conda and Julia are not in it. */
export const DEBIAN_TOOLCHAINS: Readonly<Partial<Record<ToolchainName, DebianToolchain>>> = {
  python: { version: '3.11', packages: ['python3', 'python3-venv'] },
  node: { version: '18', packages: ['nodejs', 'npm'] },
  // r-base-dev: packages of R come as source and are compiled.
  r: { version: '4.2', packages: ['r-base-core', 'r-base-dev'] },
  // Programs that look up names are linked by the C compiler.
  go: { version: '1.19', packages: ['gcc', 'golang', 'libc6-dev'] },
  rust: { version: '1.63', packages: ['cargo', 'rustc'] },
};
