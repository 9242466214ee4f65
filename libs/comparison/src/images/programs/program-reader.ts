import type { ImageProgram } from '../file-listing.js';
import type { ByteString } from '../file-record.js';
import { ElfReader } from './elf-reader.js';
import { LibcVersionReader } from './libc-version.js';

export type FoundProgram = Omit<ImageProgram, 'path'> & { readonly kind: 'program' };

interface ProgramPlace {
  readonly role: ImageProgram['role'];
  readonly pattern: RegExp;
}

const LIKELY = /\/(?:libc[.-]|ld-|python\d|(?:R|node|julia|perl|bash|dash|busybox)$)[^/]*$/;

/**
 * Where the loader looks by itself. What lies deeper (`glibc-hwcaps`, `tls`, the sysroot of a compiler) is taken where the
 * machine allows it, or never, and so asks nothing of it. Names are bounded: nobody's path shall cost more than its length.
 */
const PLACES: readonly ProgramPlace[] = [
  {
    role: 'libc',
    pattern:
      /^(?:usr\/)?lib(?:32|64)?\/(?:[^/]{1,64}-linux-gnu[^/]{0,32}\/)?(?:libc\.so\.6(?:\.1)?|libc-2\.\d{1,3}(?:\.\d{1,3})?\.so)$/,
  },
  {
    role: 'libc',
    pattern: /^(?:usr\/)?lib\/(?:ld-musl-[^/]{1,64}\.so\.1|(?:[^/]{1,64}-linux-musl[^/]{0,32}\/)?libc\.so)$/,
  },
  { role: 'libc', pattern: /^(?:gnu|nix)\/store\/[^/]{1,64}-glibc-[^/]{1,64}\/lib\/libc\.so\.6$/ },
  { role: 'loader', pattern: /^(?:usr\/)?lib(?:64)?\/(?:[^/]{1,64}-linux-gnu[^/]{0,32}\/)?ld-linux-x86-64\.so\.2$/ },
  { role: 'interpreter', pattern: /(?:^|\/)bin\/(?:python\d\.\d{1,2}t?|node|julia|perl|bash|dash|busybox)$/ },
  { role: 'interpreter', pattern: /(?:^|\/)lib(?:64)?\/R\/bin\/exec\/R$/ },
];
/** Packages that conda has unpacked, and linked into environments. */
const CACHE = /(?:^|\/)pkgs\//;
/** Every machine has it. */
const BASELINE = 'x86-64-v1';

/** Reads one program while it passes by. */
export class ProgramReader {
  readonly #elf = new ElfReader();
  readonly #libc: LibcVersionReader | null;

  constructor(private readonly role: ImageProgram['role']) {
    this.#libc = role === 'libc' ? new LibcVersionReader() : null;
  }

  push(chunk: Uint8Array): void {
    this.#elf.push(chunk);
    this.#libc?.push(chunk);
  }

  /** @returns null: it is no program, or asks nothing of a machine */
  read(): FoundProgram | null {
    const elf = this.#elf.read();
    const libc = this.#libc?.read() ?? null;
    if (elf === null) return null;
    const { architecture, kernelMinimum } = elf;
    const isaLevel = elf.isaLevel === BASELINE ? null : elf.isaLevel;
    if (libc === null && (this.role === 'libc' || isaLevel === null)) return null;
    return { kind: 'program', role: this.role, architecture, libc, kernelMinimum, isaLevel };
  }
}

/** @returns null: nothing at that path is read for what it asks of machines */
export function programReaderOf(path: ByteString): ProgramReader | null {
  if (!LIKELY.test(path) || CACHE.test(path)) return null;
  const place = PLACES.find(({ pattern }) => pattern.test(path));
  return place === undefined ? null : new ProgramReader(place.role);
}
