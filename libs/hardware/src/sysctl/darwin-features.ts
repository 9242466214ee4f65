import { DARWIN_FLAGS } from '../archspec-table.js';

export interface DarwinFeatures {
  /** In the kernel's spelling of Linux, sorted. */
  readonly shown: string[];
  /** What archspec takes for granted where macOS shows less. */
  readonly implied: readonly string[];
}

/** Where the spelling of Intel's manual, which macOS uses, is not that of Linux. */
const LINUX_BY_INTEL: ReadonlyMap<string, readonly string[]> = new Map([
  ['sse3', ['pni']],
  ['sse4.1', ['sse4_1']],
  ['sse4.2', ['sse4_2']],
  ['avx1.0', ['avx']],
  ['lahf', ['lahf_lm']],
  ['lzcnt', ['abm']],
  ['sha', ['sha_ni']],
  ['clfsopt', ['clflushopt']],
  ['em64t', ['lm']],
  ['xd', ['nx']],
  ['htt', ['ht']],
  ['mon', ['monitor']],
  ['clfsh', ['clflush']],
  ['rdwrfsgs', ['fsgsbase']],
]);

export function intelFeatures(values: ReadonlyMap<string, string>): DarwinFeatures {
  const words = ['features', 'leaf7_features', 'extfeatures']
    .flatMap((key) => (values.get(`machdep.cpu.${key}`) ?? '').toLowerCase().split(/\s+/))
    .filter((word) => word !== '');
  const set = new Set(words);
  const implied = Object.entries(DARWIN_FLAGS)
    .filter(([darwin]) => darwin.split(' ').every((word) => set.has(word)))
    .flatMap(([, linux]) => linux.split(' '));
  return { shown: sorted(words.flatMap((word) => LINUX_BY_INTEL.get(word) ?? [word])), implied };
}

/** What `hw.optional` calls the features that Linux shows as flags; others have no flag there, or are no matter of numbers. */
const LINUX_BY_APPLE: ReadonlyMap<string, readonly string[]> = new Map([
  ['floatingpoint', ['fp']],
  ['AdvSIMD', ['asimd']],
  ['neon', ['asimd']],
  ['neon_fp16', ['fphp', 'asimdhp']],
  ['FEAT_FP16', ['fphp', 'asimdhp']],
  ['armv8_crc32', ['crc32']],
  ['FEAT_CRC32', ['crc32']],
  ['armv8_1_atomics', ['atomics']],
  ['FEAT_LSE', ['atomics']],
  ['FEAT_LSE2', ['uscat']],
  ['armv8_2_fhm', ['asimdfhm']],
  ['FEAT_FHM', ['asimdfhm']],
  ['armv8_2_sha512', ['sha512']],
  ['FEAT_SHA512', ['sha512']],
  ['armv8_2_sha3', ['sha3']],
  ['FEAT_SHA3', ['sha3']],
  ['armv8_3_compnum', ['fcma']],
  ['FEAT_FCMA', ['fcma']],
  ['FEAT_AES', ['aes']],
  ['FEAT_PMULL', ['pmull']],
  ['FEAT_SHA1', ['sha1']],
  ['FEAT_SHA256', ['sha2']],
  ['FEAT_RDM', ['asimdrdm']],
  ['FEAT_DotProd', ['asimddp']],
  ['FEAT_JSCVT', ['jscvt']],
  ['FEAT_LRCPC', ['lrcpc']],
  ['FEAT_LRCPC2', ['ilrcpc']],
  ['FEAT_DPB', ['dcpop']],
  ['FEAT_DPB2', ['dcpodp']],
  ['FEAT_FlagM', ['flagm']],
  ['FEAT_FlagM2', ['flagm2']],
  ['FEAT_FRINTTS', ['frint']],
  ['FEAT_SB', ['sb']],
  ['FEAT_SSBS', ['ssbs']],
  ['FEAT_DIT', ['dit']],
  ['FEAT_BTI', ['bti']],
  ['FEAT_BF16', ['bf16']],
  ['FEAT_I8MM', ['i8mm']],
  ['FEAT_AFP', ['afp']],
  ['FEAT_RPRES', ['rpres']],
  ['FEAT_EBF16', ['ebf16']],
  ['FEAT_SME', ['sme']],
  ['FEAT_SME2', ['sme2']],
]);

export function appleFeatures(values: ReadonlyMap<string, string>): DarwinFeatures {
  const shown = [...values].flatMap(([key, value]) => {
    const name = /^hw\.optional\.(?:arm\.)?(?<name>\w+)$/.exec(key)?.groups?.['name'] ?? '';
    return value === '1' ? (LINUX_BY_APPLE.get(name) ?? []) : [];
  });
  return { shown: sorted(shown), implied: [] };
}

function sorted(words: readonly string[]): string[] {
  return [...new Set(words)].toSorted();
}
