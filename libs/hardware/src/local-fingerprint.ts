import type { HardwareFingerprint } from '@envarium/schema';
import { derived, reported } from './facts.js';
import { toFingerprint } from './fingerprint.js';

/** What `node:os` says of the machine it runs on; handed in, so that this library reads nothing itself. */
export interface NodeOs {
  /** `os.arch()` */
  readonly arch: string;
  /** `os.cpus()` */
  readonly cpus: readonly { readonly model: string }[];
  /** `os.totalmem()` in bytes */
  readonly totalmem: number;
  /** `os.release()` */
  readonly release: string;
  /** `os.type()`: Linux, Darwin, Windows_NT */
  readonly type: string;
  /** `glibcVersionRuntime` of Node's report; null where Node runs on another libc. */
  readonly glibc: string | null;
}

/** `ppc64` and `arm` are left out: Node does not say the byte order of the one, nor the version of the other. */
const KERNEL_BY_NODE: ReadonlyMap<string, string> = new Map([
  ['x64', 'x86_64'],
  ['ia32', 'i686'],
  ['arm64', 'aarch64'],
  ['s390x', 's390x'],
  ['riscv64', 'riscv64'],
  ['loong64', 'loongarch64'],
]);

/** The little that is known without any report: no flags, so no ISA level. */
export function localFingerprint(os: NodeOs): HardwareFingerprint {
  const modelNames = [...new Set(os.cpus.map(({ model }) => model.trim()))].filter((model) =>
    /^(?!unknown$)./.test(model),
  );
  const architecture = KERNEL_BY_NODE.get(os.arch) ?? null;
  const message = `architecture ${os.arch} of Node names more than one machine`;
  return toFingerprint({
    architecture: derived('node-os', architecture),
    cpu: {
      modelNames: reported('node-os', modelNames.length > 0 ? modelNames : null),
      onlineCpus: derived('node-os', os.cpus.length > 0 ? os.cpus.length : null),
    },
    kernel: reported('node-os', os.release),
    operatingSystem: reported('node-os', os.type === 'Windows_NT' ? 'Windows' : os.type),
    libc: derived('node-os', os.glibc === null ? null : `glibc ${os.glibc}`),
    memoryBytes: reported('node-os', os.totalmem),
    problems: architecture === null ? [{ source: 'node-os', message, line: null }] : [],
  });
}
