export interface Uname {
  /** as the system writes it: Linux, Darwin, CYGWIN_NT-10.0-19045 */
  readonly kernel: string;
  readonly release: string | null;
  /** architecture, as written */
  readonly machine: string | null;
}

/** Names that systems give themselves, with the text that cannot be prose after it. */
const KERNEL =
  /^(?:Linux|Darwin|FreeBSD|NetBSD|OpenBSD|DragonFly|MidnightBSD|SunOS|AIX|HP-UX|IRIX(?:64)?|OSF1|UNIX_SV|QNX|Haiku|Minix|GNU(?:\/kFreeBSD)?|(?:CYGWIN|MINGW(?:32|64)|MSYS|UCRT64|CLANG(?:32|64|ARM64))_NT-[\d.]+(?:-\d+)?(?:-WOW(?:64)?)?)$/;
/** 5.10.0-8-amd64, 10.1-RELEASE-p10, B.11.31, 3.4.6-1.x86_64, 1 (Haiku), but not `#1` */
const RELEASE = /^(?:[A-Z]\.)?\d+(?:[.-][\w.+~()/:-]*|$)/;
const MACHINE =
  /^(?:x86_64|amd64|i[3-6]86(?:-AT386)?|i86pc|x86pc|x86|BePC|aarch64(?:_be)?|arm64e?|arm(?:v\d\w*|eb)?|earmv\d\w*|ppc(?:64)?(?:le)?|powerpc(?:64)?(?:le)?|Power Macintosh|macppc|riscv(?:32|64)?|s390x?|sparc(?:64|v9)?|sun4[a-z]\w*|mips(?:64)?(?:el|eb)?|alpha|ia64|loongarch64|m68k|parisc(?:64)?|sh4\w*|evbarm|evbmips|hppa|octeon|9000\/\d+|IP\d+)$/;
const TRAILER: ReadonlySet<string> = new Set(['GNU/Linux', 'GNU', 'Linux', 'Android', 'Toybox', 'Msys', 'Cygwin']);
/** Bounds the search for the architecture from the end: Linux repeats it up to three times. */
const LAST_WORDS = 6;

/**
 * The output of `uname -a`, or of `uname` with fewer options, or null. Its words differ by system and have no marks, so only
 * what is certain is taken. The second word is mostly the name of the machine, which is not kept.
 */
export function parseUname(text: string): Uname | null {
  const words = text.trim().split(/\s+/);
  const [kernel = '', second = '', third = '', fourth = ''] = words;
  if (!KERNEL.test(kernel) || words.length < 2) return null;
  const machine =
    words
      .slice(1)
      .slice(-LAST_WORDS)
      .findLast((word) => !TRAILER.has(word) && MACHINE.test(word)) ?? null;
  // AIX writes release and version apart, the minor number first.
  if (kernel === 'AIX') return aix(third, fourth, machine);
  const release = [third, second].find((word) => RELEASE.test(word)) ?? null;
  return release === null ? null : { kernel, release, machine };
}

function aix(release: string, version: string, machine: string | null): Uname | null {
  if (!/^\d+$/.test(release) || !/^\d+$/.test(version)) return null;
  return { kernel: 'AIX', release: `${version}.${release}`, machine };
}
