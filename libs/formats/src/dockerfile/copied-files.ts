import type { Flag, JSONInstruction } from 'dockerfile-ast';

/** Files that name packages; a wildcard may stand in them (`package*.json`). */
const PACKAGE_FILES: readonly RegExp[] = [
  /requirements[\w.*-]*\.(?:txt|in|pip)$/,
  /^(?:constraints|apt|runtime|packages|conda|spec-file|explicit)[\w.*-]*\.txt$/,
  /(?:environment|conda|spack|pixi|env)[\w.*-]*\.(?:ya?ml|toml)$/,
  /\.lock$/,
  /^(?:pyproject|pylock[\w.*-]*|Project|Manifest|Cargo|pixi)\.toml$/,
  /^(?:setup\.(?:py|cfg)|Pipfile[\w.*]*|DESCRIPTION|install\.[Rr]|go\.(?:mod|sum|\*)|Gemfile[\w.*]*)$/,
  /^(?:package[\w.*-]*\.json|npm-shrinkwrap\.json|pnpm-(?:lock|workspace)\.yaml)$/,
  /^(?:channels|manifest|guix)[\w.*-]*\.scm$/,
];

export interface CopiedSources {
  /** package files of the build context, as written */
  readonly packageFiles: readonly string[];
  readonly urls: readonly string[];
}

/** What a COPY or ADD brings in from the build context and the net. @param expand puts in the variables of a word */
export function copiedSources(instruction: JSONInstruction, expand: (word: string) => string): CopiedSources {
  if (flagValue(instruction.getFlags(), 'from') !== null) return { packageFiles: [], urls: [] };
  const sources = wordsOf(instruction).slice(0, -1).map(expand);
  return {
    packageFiles: sources.filter(isPackageFile),
    urls: sources.filter((source) => /^(?:https?|git|ssh):\/\/|^git@/.test(source)),
  };
}

/** Package files that RUN --mount=type=bind reads without copying them. */
export function mountedFiles(flags: readonly Flag[]): string[] {
  return mounts(flags)
    .filter((mount) => !mount.has('from') && (mount.get('type') ?? 'bind') === 'bind')
    .flatMap((mount) => mount.get('source') ?? mount.get('src') ?? [])
    .filter(isPackageFile);
}

/** Stages and images named by `COPY --from` and `RUN --mount=from=`. */
export function fromFlags(flags: readonly Flag[]): string[] {
  const copied = flagValue(flags, 'from');
  const mounted = mounts(flags).flatMap((mount) => mount.get('from') ?? []);
  return copied === null ? mounted : [copied, ...mounted];
}

function mounts(flags: readonly Flag[]): Map<string, string>[] {
  return flags
    .filter((flag) => flag.getName() === 'mount')
    .map((flag) => new Map((flag.getValue() ?? '').split(',').map(splitOption)));
}

function splitOption(option: string): [string, string] {
  const at = option.indexOf('=');
  return at === -1 ? [option, ''] : [option.slice(0, at).toLowerCase(), option.slice(at + 1)];
}

function flagValue(flags: readonly Flag[], name: string): string | null {
  return flags.find((flag) => flag.getName() === name)?.getValue() ?? null;
}

/** The words of the instruction itself: dockerfile-ast also gives the lines of heredocs as arguments. */
function wordsOf(instruction: JSONInstruction): string[] {
  const strings = jsonForm(instruction);
  if (strings !== null) return strings;
  const words = instruction.getArguments();
  const heredocs = words.filter((word) => word.getValue().startsWith('<<'));
  const lastLine = heredocs.at(-1)?.getRange().start.line ?? Infinity;
  return words
    .filter((word) => word.getRange().start.line <= lastLine && !word.getValue().startsWith('<<'))
    .map((word) => word.getValue());
}

/** Read anew: dockerfile-ast (0.7.1) drops blanks within the strings. */
function jsonForm(instruction: JSONInstruction): string[] | null {
  const text = (instruction.getRawArgumentsContent() ?? '').replace(/[\\`][ \t]*\n/g, '');
  if (!text.startsWith('[') || !text.endsWith(']')) return null;
  try {
    const strings: unknown = JSON.parse(text);
    return Array.isArray(strings) && strings.every((each) => typeof each === 'string') ? strings : null;
  } catch {
    return null;
  }
}

/** Whether a path, as a recipe writes it, is that of a file that names packages. */
export function isPackageFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return PACKAGE_FILES.some((pattern) => pattern.test(name));
}
