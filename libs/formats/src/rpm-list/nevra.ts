/** https://rpm.org: architectures for which packages are built; `(none)` is printed for keys. */
const ARCHITECTURES =
  'noarch|x86_64|x86_64_v[234]|i[3-6]86|athlon|geode|aarch64|armv[5-8]\\w{0,4}|ppc|ppc64|ppc64le|s390|s390x|sparc(?:v9|64)?|ia64|alpha|riscv64|loongarch64|mips(?:64)?(?:el)?|\\(none\\)';
const ARCHITECTURE = new RegExp(`^(?:${ARCHITECTURES})$`);
const EVR = /^(?:(?<epoch>\d+|\(none\)):)?(?<version>[A-Za-z0-9][^\s:-]*)-(?<release>[A-Za-z0-9][^\s:-]*)$/;

export interface Evr {
  readonly epoch: string | null;
  readonly version: string;
  readonly release: string;
}

export interface Nevra extends Evr {
  readonly name: string;
  readonly architecture: string | null;
}

export function isArchitecture(text: string): boolean {
  return ARCHITECTURE.test(text);
}

/** `[epoch:]version-release` */
export function parseEvr(text: string): Evr | null {
  const { epoch, version, release } = EVR.exec(text)?.groups ?? {};
  if (version === undefined || release === undefined) return null;
  return { epoch: epoch === undefined || epoch === '(none)' ? null : epoch, version, release };
}

/**
 * `name-[epoch:]version-release[.architecture]`, or `epoch:name-...` as yum has it, with `.rpm` where it is a file name. A
 * name holds hyphens, version and release hold none: they are the last two.
 */
export function parseNevra(text: string): Nevra | null {
  const whole = text.replace(/\.rpm$/, '');
  const dot = whole.lastIndexOf('.');
  const last = whole.slice(dot + 1);
  const hasArchitecture = dot !== -1 && isArchitecture(last);
  const nevr = hasArchitecture ? whole.slice(0, dot) : whole;
  const releaseAt = nevr.lastIndexOf('-');
  const versionAt = nevr.lastIndexOf('-', releaseAt - 1);
  if (releaseAt === -1 || versionAt < 1) return null;
  const evr = parseEvr(nevr.slice(versionAt + 1));
  if (evr === null) return null;
  const [, epoch, name = nevr.slice(0, versionAt)] = /^(\d+):(.+)$/.exec(nevr.slice(0, versionAt)) ?? [];
  const architecture = hasArchitecture && last !== '(none)' ? last : null;
  return { ...evr, epoch: evr.epoch ?? epoch ?? null, name, architecture };
}
