import type { EnvironmentSpec, SkipReason } from '@envarium/schema';
import {
  Add,
  Arg,
  Copy,
  Env,
  From,
  Run,
  type Instruction,
  type ParserDirective,
  type PropertyInstruction,
} from 'dockerfile-ast';
import { FormatError } from '../format.js';
import { redactUrl } from '../redact.js';
import { emptySpec } from '../spec.js';
import { copiedSources, fromFlags, mountedFiles } from './copied-files.js';
import { isKnown } from './detect.js';
import { expandWord, type Expansion } from './expand-word.js';
import { parseImageReference } from './image-reference.js';
import { isSecretVariable, secretKindOf } from './secrets.js';
import { environmentOf, isDeclared, lookupVariable, type Stage } from './stage.js';

const MOST_STAGES = 1000;
/** Set by the builder, https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
const PLATFORM_ARG = /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/;

interface Assignment {
  readonly name: string;
  /** undefined when the file sets none, or when it must not be repeated */
  readonly value: string | undefined;
}

/** Goes through the instructions once, in order; an instruction that is not understood becomes a problem. */
export class DockerfileReader {
  readonly #spec: EnvironmentSpec = emptySpec('dockerfile', 'container');
  readonly #escape: string;
  /** ARGs before the first FROM: in force in FROM lines only */
  readonly #globalArgs = new Map<string, string | undefined>();
  readonly #stages: Stage[] = [];
  readonly #stageByName = new Map<string, Stage>();
  readonly #sources = new Set<string>();
  readonly #references = new Set<string>();

  constructor(escape: string) {
    this.#escape = escape;
  }

  /** `# syntax=` names the image that translates the file. */
  readDirective(directive: ParserDirective): void {
    if (directive.getName().toLowerCase() === 'syntax') this.#sources.add(directive.getValue());
  }

  readInstruction(instruction: Instruction): void {
    const line = instruction.getRange().start.line + 1;
    if (instruction instanceof From) this.#readFrom(instruction, line);
    else if (instruction instanceof Arg) this.#readArg(instruction, line);
    else if (instruction instanceof Env) this.#readEnv(instruction, line);
    else if (instruction instanceof Copy || instruction instanceof Add) this.#readCopy(instruction, line);
    else if (instruction instanceof Run) this.#readRun(instruction);
    else if (!isKnown(instruction)) this.#report('syntax-invalid', 'The line starts with no known instruction.', line);
  }

  finish(): EnvironmentSpec {
    const last = this.#stages.at(-1);
    const variables = last === undefined ? [] : [...environmentOf(last)];
    for (const [name, value] of variables) {
      if (value !== undefined) this.#spec.variables.push({ name, value });
    }
    this.#spec.sources.push(...this.#sources);
    this.#spec.references.push(...this.#references);
    return this.#spec;
  }

  #readFrom(from: From, line: number): void {
    const words = from.getArguments().map((word) => word.getValue());
    const [image, as] = words;
    const hasGrammar = words.length === 1 || (words.length === 3 && as?.toUpperCase() === 'AS');
    if (image === undefined || !hasGrammar) {
      this.#report('syntax-invalid', 'FROM needs an image, and may have AS and a name.', line);
    }
    const name = hasGrammar ? words[2] : undefined;
    const expansion = this.#expandGlobal(image ?? '');
    const parent = this.#stageByName.get(expansion.text.toLowerCase()) ?? null;
    const stage = { name: name ?? String(this.#stages.length), parent, env: new Map(), args: new Map() };
    if (image !== undefined && hasGrammar && parent === null) this.#addBaseImage(from, expansion, stage.name, line);
    this.#addStage(stage);
    // BuildKit compares stage names without case; FROM cannot give the number of a stage.
    if (name !== undefined) this.#stageByName.set(name.toLowerCase(), stage);
  }

  #addStage(stage: Stage): void {
    if (this.#stages.length === MOST_STAGES) {
      throw new FormatError('limit-exceeded', `A Dockerfile is read up to ${MOST_STAGES} stages.`);
    }
    this.#stages.push(stage);
  }

  #addBaseImage(from: From, image: Expansion, stage: string, line: number): void {
    if (image.text === 'scratch') return;
    const reference = image.unknown.length === 0 ? parseImageReference(image.text) : null;
    if (image.unknown.length > 0) {
      const names = image.unknown.join(', ');
      this.#report('dynamic-value', `The base image depends on ${names}, given when the image is built.`, line);
    } else if (reference === null) {
      this.#report('syntax-invalid', 'The base image is no valid image reference.', line);
    }
    const digest = reference?.digest ?? null;
    this.#spec.baseImages.push({ reference: image.text, digest, platform: this.#platformOf(from, line), stage, line });
  }

  #platformOf(from: From, line: number): string | null {
    const written = from.getPlatformFlag()?.getValue() ?? null;
    if (written === null) return null;
    const platform = this.#expandGlobal(written);
    if (platform.unknown.length === 0) return platform.text === '' ? null : platform.text;
    this.#report('dynamic-value', `The platform ${written} is chosen when the image is built.`, line);
    return null;
  }

  #expandGlobal(word: string): Expansion {
    const isGiven = (name: string): boolean => PLATFORM_ARG.test(name);
    return expandWord(word, (name) => this.#globalArgs.get(name), this.#escape, isGiven);
  }

  #readArg(arg: Arg, line: number): void {
    const stage = this.#stages.at(-1);
    for (const { name, value } of this.#assignments(arg, line)) {
      // Inside a stage, an ARG without default takes the one from before the first FROM.
      if (stage !== undefined) stage.args.set(name, value ?? this.#globalArgs.get(name));
      else if (value !== undefined || !this.#globalArgs.has(name)) this.#globalArgs.set(name, value);
    }
  }

  #readEnv(env: Env, line: number): void {
    const stage = this.#stages.at(-1);
    if (stage === undefined) {
      this.#report('syntax-invalid', 'ENV stands before the first FROM.', line);
      return;
    }
    for (const { name, value } of this.#assignments(env, line)) stage.env.set(name, value);
  }

  /** All values are expanded with the variables in force before the instruction. */
  #assignments(instruction: PropertyInstruction, line: number): Assignment[] {
    const properties = instruction.getProperties();
    if (properties.length === 0) this.#report('syntax-invalid', `${instruction.getKeyword()} sets nothing.`, line);
    return properties.map((property) => {
      const name = property.getName();
      const raw = property.getUnescapedValue();
      if (raw === null) return { name, value: undefined };
      const { text } = this.#expand(raw);
      return { name, value: this.#withoutSecret(name, text, property.getRange().start.line + 1) };
    });
  }

  /** A variable that a stage does not declare may be one of its base image. */
  #expand(word: string): Expansion {
    const stage = this.#stages.at(-1);
    const isOutside = (name: string): boolean => stage !== undefined && !isDeclared(stage, name);
    return expandWord(word, (name) => this.#lookup(name), this.#escape, isOutside);
  }

  #lookup(name: string): string | undefined {
    const stage = this.#stages.at(-1);
    return stage === undefined ? this.#globalArgs.get(name) : lookupVariable(stage, name);
  }

  #withoutSecret(name: string, value: string, line: number): string | undefined {
    const kind = secretKindOf(value) ?? (isSecretVariable(name, value) ? 'password-variable' : null);
    if (kind !== null) {
      this.#spec.secrets.push({ kind, line });
      return undefined;
    }
    return this.#withoutCredentials(value, line);
  }

  #withoutCredentials(url: string, line: number): string {
    const redacted = redactUrl(url);
    if (redacted.hadCredentials) this.#spec.secrets.push({ kind: 'url-credentials', line });
    return redacted.url;
  }

  #readCopy(instruction: Copy | Add, line: number): void {
    this.#addImages(fromFlags(instruction.getFlags()));
    const { packageFiles, urls } = copiedSources(instruction, (word) => this.#expand(word).text);
    for (const file of packageFiles) this.#references.add(file);
    for (const url of urls) this.#sources.add(this.#withoutCredentials(url, line));
  }

  #readRun(run: Run): void {
    const flags = run.getFlags();
    this.#addImages(fromFlags(flags));
    for (const file of mountedFiles(flags)) this.#references.add(file);
  }

  /** Images that files are copied from are no base images, but the build needs them. */
  #addImages(names: readonly string[]): void {
    for (const name of names) {
      const isStage = /^\d+$/.test(name) || this.#stageByName.has(name.toLowerCase());
      if (!isStage && name !== '' && name !== 'scratch') this.#sources.add(name);
    }
  }

  #report(reason: SkipReason, message: string, line: number): void {
    this.#spec.problems.push({ reason, message, line });
  }
}
