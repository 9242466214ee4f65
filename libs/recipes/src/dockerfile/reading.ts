import { expandWord, parseImageReference, type Expansion } from '@envarium/formats';
import type { RecipeWarning } from '@envarium/schema';
import { recipeInvalid, recipeRefused } from '../refusal.js';
import { WarningLog } from '../warnings.js';
import { splitInstructions, type Instruction, type Word } from './instructions.js';
import { isPredefined, platformArguments } from './platforms.js';
import { refuseSecrets, refuseSecretVariable } from './secrets.js';
import { copySources, flagsOf, isGitSource, mountOptions, type Flag } from './sources.js';

/** An image that the build needs, and where the Dockerfile names it. */
export interface BaseUse {
  /** after the ARGs that stand in the file were put in */
  readonly reference: string;
  /** os/architecture that the file asks for; null: the one of the build */
  readonly platform: string | null;
  /** 1-based */
  readonly line: number;
  /** offsets in the text, in UTF-16 code units, and what stands around the reference there */
  readonly place: { readonly start: number; readonly end: number; readonly before: string; readonly after: string };
}

export interface DockerfileReading {
  readonly text: string;
  readonly bases: readonly BaseUse[];
  readonly warnings: readonly RecipeWarning[];
}

export interface DockerfileOptions {
  /** name for messages */
  readonly file?: string;
  readonly platform?: string;
}

interface Stage {
  readonly name: string | null;
  readonly env: Map<string, string | undefined>;
  readonly args: Map<string, string | undefined>;
}

const MOST_BYTES = 1024 * 1024;
/** Values built of values grow without end; a longer one counts as unknown. */
const MOST_VALUE_CHARACTERS = 512;
const KEYWORDS: ReadonlySet<string> = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);
/** A clone talks with its server: what was said cannot be replayed. */
const GIT_CLONE = /\bgit\s+(?:clone|fetch|pull|submodule|ls-remote)\b|\bgit\+(?:https?|ssh):/;

/**
 * Reads a Dockerfile as far as a rebuild must understand it: the images that it needs, and what is not done here.
 *
 * @throws ArchiveError RECIPE_INVALID, RECIPE_REFUSED with file, line and reason
 */
export function readDockerfile(text: string, options: DockerfileOptions = {}): DockerfileReading {
  const file = options.file ?? 'Dockerfile';
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw recipeInvalid(file, null, `A Dockerfile is read up to ${MOST_BYTES} bytes.`);
  if (text.includes('\0')) throw recipeInvalid(file, null, 'The file holds zero bytes.');
  const split = splitInstructions(text, file);
  const syntax = split.directives.get('syntax');
  if (syntax !== undefined) {
    throw recipeRefused(
      file,
      syntax.line,
      'The syntax directive hands the file to a program that is fetched; remove it.',
    );
  }
  refuseSecrets(text, split, file);
  const reader = new DockerfileReader(text, file, split.escape, options.platform ?? 'linux/amd64');
  reader.readStageNames(split.instructions);
  for (const instruction of split.instructions) reader.read(instruction);
  return reader.finish();
}

class DockerfileReader {
  readonly #warnings = new WarningLog();
  readonly #bases: BaseUse[] = [];
  readonly #stages: Stage[] = [];
  readonly #lineStarts: readonly number[];
  readonly #globalArgs: Map<string, string | undefined>;
  /** of the whole file: COPY may name a stage that comes later */
  readonly #stageNames = new Set<string>();

  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly escape: string,
    private readonly platform: string,
  ) {
    this.#globalArgs = platformArguments(platform);
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  readStageNames(instructions: readonly Instruction[]): void {
    for (const { keyword, words } of instructions) {
      const name = words[2]?.raw;
      if (keyword === 'FROM' && name !== undefined) this.#stageNames.add(name.toLowerCase());
    }
  }

  read(instruction: Instruction): void {
    const { keyword, line, rest, heredocs } = instruction;
    if (!KEYWORDS.has(keyword)) throw recipeInvalid(this.file, line, 'The line starts with no instruction.');
    if (this.#stages.length === 0 && keyword !== 'FROM' && keyword !== 'ARG') {
      throw recipeInvalid(this.file, line, `${keyword} stands before the first FROM.`);
    }
    if (rest === '' && heredocs.length === 0) throw recipeInvalid(this.file, line, `${keyword} says nothing more.`);
    if (keyword === 'FROM') this.#readFrom(instruction);
    else if (keyword === 'ARG') this.#readArg(instruction);
    else if (keyword === 'ENV') this.#readEnv(instruction);
    else if (keyword === 'COPY' || keyword === 'ADD') this.#readCopy(instruction);
    else if (keyword === 'RUN') this.#readRun(instruction);
    else if (keyword === 'ONBUILD') this.#readOnBuild(instruction);
  }

  finish(): DockerfileReading {
    if (this.#stages.length === 0) throw recipeInvalid(this.file, null, 'The file has no FROM.');
    return { text: this.text, bases: this.#bases, warnings: this.#warnings.all };
  }

  #readFrom(from: Instruction): void {
    const { words, line } = from;
    const [image, as, name] = words;
    const hasGrammar = words.length === 1 || (words.length === 3 && as?.raw.toUpperCase() === 'AS');
    if (image === undefined || !hasGrammar) {
      throw recipeInvalid(this.file, line, 'FROM needs an image, and may have AS and a name.');
    }
    if (name !== undefined && !/^[a-z][a-z0-9._-]*$/i.test(name.raw)) {
      throw recipeInvalid(
        this.file,
        line,
        'The name of a stage is made of letters, digits, dots, dashes and underscores.',
      );
    }
    const platform = this.#platformOf(from);
    const reference = this.#expandWhole(image.raw, line, 'image');
    const parent = this.#stages.find((stage) => stage.name === reference.toLowerCase());
    if (parent === undefined && reference !== 'scratch') this.#addBase(reference, platform, line, placeOf(image));
    this.#stages.push({
      name: name?.raw.toLowerCase() ?? null,
      env: new Map(parent?.env),
      args: new Map(parent?.args),
    });
  }

  #platformOf(from: Instruction): string | null {
    for (const { name, value } of flagsOf(from)) {
      if (name !== 'platform') throw recipeInvalid(this.file, from.line, `FROM has no option --${name}.`);
      const platform = this.#expandWhole(value, from.line, 'platform');
      if (platform === this.platform) return platform;
      this.#warnings.add('foreign-platform', `A stage asks for ${platform}.`, this.file, from.line);
      return platform;
    }
    return null;
  }

  #addBase(reference: string, platform: string | null, line: number, place: BaseUse['place']): void {
    const parsed = parseImageReference(reference);
    if (parsed === null) throw recipeInvalid(this.file, line, 'The image is no valid image reference.');
    if (parsed.digest === null) {
      this.#warnings.add(
        'mutable-base',
        `${reference} names no digest; it can mean another image tomorrow.`,
        this.file,
        line,
      );
    }
    this.#bases.push({ reference, platform, line, place });
  }

  /** FROM sees only the arguments from before the first FROM. */
  #expandWhole(word: string, line: number, what: string): string {
    const { text, unknown } = expandWord(word, (name) => this.#globalArgs.get(name), this.escape);
    if (unknown.length === 0) return text;
    throw recipeInvalid(
      this.file,
      line,
      `The ${what} depends on ${unknown.join(', ')}, which has no value in the file.`,
    );
  }

  #readArg(arg: Instruction): void {
    const stage = this.#stages.at(-1);
    for (const word of arg.words) {
      const { name, value } = this.#assignment(word);
      const known = value ?? this.#globalArgs.get(name);
      (stage?.args ?? this.#globalArgs).set(name, known);
      if (known !== undefined || isPredefined(name)) continue;
      this.#warnings.add(
        'argument-without-value',
        `${name} is empty: no build is given arguments.`,
        this.file,
        this.#lineAt(word),
      );
    }
  }

  #readEnv(env: Instruction): void {
    const stage = this.#stages.at(-1);
    const [first] = env.words;
    if (first === undefined || stage === undefined) return;
    if (!first.raw.includes('=')) {
      const value = env.rest.slice(first.raw.length).trim();
      if (value === '') throw recipeInvalid(this.file, env.line, 'ENV needs a name and a value.');
      stage.env.set(first.raw, this.#known(first.raw, value, this.#lineAt(first)));
      return;
    }
    const assigned = env.words.map((word) => {
      if (!word.raw.includes('=')) throw recipeInvalid(this.file, env.line, 'ENV needs a name and a value.');
      return this.#assignment(word);
    });
    for (const { name, value } of assigned) stage.env.set(name, value);
  }

  #assignment(word: Word): { name: string; value: string | undefined } {
    const [, name = '', raw] = /^([^=]*)(?:=(.*))?$/s.exec(word.raw) ?? [];
    const line = this.#lineAt(word);
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) throw recipeInvalid(this.file, line, 'The name of a variable is not valid.');
    return { name, value: raw === undefined ? undefined : this.#known(name, raw, line) };
  }

  #known(name: string, raw: string, line: number): string | undefined {
    const { text, unknown } = this.#expand(raw);
    refuseSecretVariable(name, text, this.file, line);
    return unknown.length === 0 && text.length <= MOST_VALUE_CHARACTERS ? text : undefined;
  }

  #expand(raw: string): Expansion {
    const stage = this.#stages.at(-1);
    const lookup = (name: string): string | undefined =>
      stage === undefined ? this.#globalArgs.get(name) : (stage.env.get(name) ?? stage.args.get(name));
    return expandWord(raw, lookup, this.escape);
  }

  #readCopy(copy: Instruction): void {
    const sources = copySources(copy);
    if (sources === null)
      throw recipeInvalid(this.file, copy.line, `${copy.keyword} needs something and a place for it.`);
    for (const flag of flagsOf(copy)) {
      if (flag.name === 'from' && copy.keyword === 'COPY') this.#useImage(flag, flag.value, copy.line);
      if (flag.name === 'keep-git-dir') this.#refuseGit(copy.line);
    }
    if (copy.keyword === 'ADD' && sources.some((source) => isGitSource(this.#expand(source).text)))
      this.#refuseGit(copy.line);
  }

  #refuseGit(line: number): never {
    throw recipeRefused(
      this.file,
      line,
      'A git repository cannot be kept as it is fetched; deposit its files instead.',
    );
  }

  /** An image that files are taken from; the number or name of a stage is none. */
  #useImage(flag: Flag, name: string, line: number): void {
    if (/^\d+$/.test(name) || this.#stageNames.has(name.toLowerCase()) || name === 'scratch') return;
    if (name.includes('$')) throw recipeInvalid(this.file, line, 'Builders put no variables into from=.');
    const at = flag.word.raw.indexOf(`from=${name}`) + 'from='.length;
    const { start, end, raw } = flag.word;
    this.#addBase(name, null, line, { start, end, before: raw.slice(0, at), after: raw.slice(at + name.length) });
  }

  #readRun(run: Instruction): void {
    for (const flag of flagsOf(run)) {
      if (flag.name === 'mount') this.#readMount(flag, run.line);
      else if (['network', 'security', 'device'].includes(flag.name)) {
        throw recipeRefused(this.file, run.line, `RUN --${flag.name} changes the sandbox; remove it.`);
      } else throw recipeInvalid(this.file, run.line, `RUN has no option --${flag.name}.`);
    }
    if ([run.rest, ...run.heredocs.map(({ text }) => text)].some((text) => GIT_CLONE.test(text))) {
      const message = 'A git repository is fetched while building; that cannot be replayed without the network.';
      this.#warnings.add('git-source', message, this.file, run.line);
    }
  }

  #readMount(flag: Flag, line: number): void {
    const options = mountOptions(flag);
    const type = options.get('type') ?? 'bind';
    if (type === 'secret' || type === 'ssh') {
      throw recipeRefused(this.file, line, `RUN --mount=type=${type} needs a secret; no build is given one.`);
    }
    if (!['bind', 'cache', 'tmpfs'].includes(type))
      throw recipeInvalid(this.file, line, 'The type of the mount is unknown.');
    if (type === 'cache') this.#warnings.add('cache-mount', 'The cache is empty in each build.', this.file, line);
    const from = options.get('from');
    if (from !== undefined && from !== '') this.#useImage(flag, from, line);
  }

  /** Carried out when an image is built from this one, not now: only the grammar counts. */
  #readOnBuild({ words, line }: Instruction): void {
    const inner = words[0]?.raw.toUpperCase() ?? '';
    if (!KEYWORDS.has(inner) || ['FROM', 'MAINTAINER', 'ONBUILD'].includes(inner)) {
      throw recipeInvalid(this.file, line, 'ONBUILD needs an instruction other than FROM, MAINTAINER and ONBUILD.');
    }
  }

  /** 1-based. A line may hold a hundred thousand words: their places are searched, not counted. */
  #lineAt({ start }: Word): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lineStarts[middle] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function placeOf({ start, end }: Word): BaseUse['place'] {
  return { start, end, before: '', after: '' };
}
