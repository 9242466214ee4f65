import { readEnvironmentFile } from '@envarium/formats';
import type { EnvironmentSpec } from '@envarium/schema';
import type { FindOptions, GeneratedPlan, PlanKind, Step } from '../plan.js';
import type { FileTree } from '../recipe-file.js';
import { recipeInvalid, recipeRefused } from '../refusal.js';
import { DEBIAN_TOOLCHAINS, type ToolchainName } from '../toolchains.js';
import { WarningLog } from '../warnings.js';
import { meets } from './version-range.js';

/** Where the files of configuration are read: repo2docker reads them in one place only. */
export type ConfigFolder = '' | 'binder/' | '.binder/';

interface Place {
  readonly file: string;
  readonly line: number | null;
}

/** Collects what the detectors of the ecosystems find. */
export class PlanBuilder {
  readonly log = new WarningLog();
  readonly steps: Step[] = [];
  readonly #toolchains = new Set<ToolchainName>();
  readonly #aptPackages = new Set<string>();
  #isExact = true;

  constructor(
    readonly tree: FileTree,
    readonly folder: ConfigFolder,
    readonly options: FindOptions,
  ) {}

  get platform(): string {
    return this.options.platform ?? 'linux/amd64';
  }

  /** @returns the path of a file of configuration, or null when it is not there */
  config(name: string): string | null {
    return this.tree.has(this.folder + name) ? this.folder + name : null;
  }

  /** @returns the path of a file that counts only where no binder folder is, or null */
  root(name: string): string | null {
    return this.folder === '' ? this.config(name) : null;
  }

  use(toolchain: ToolchainName): void {
    this.#toolchains.add(toolchain);
  }

  addAptPackage(name: string): void {
    this.#aptPackages.add(name);
  }

  /** Says so when the interpreter that was asked for is not the one that will be used. @param range version or range */
  checkRuntime(name: ToolchainName, range: string, { file, line }: Place): void {
    const isKnown = this.options.toolchain !== 'base' && this.#toolchains.has(name);
    const version = isKnown ? DEBIAN_TOOLCHAINS[name]?.version : undefined;
    const isMet = version === undefined ? null : meets(version, range);
    if (isMet === true) return;
    if (isMet === null) {
      this.log.add(
        'runtime-not-checked',
        `${name} ${printable(range)} is asked for; nothing here tells whether it is met.`,
        file,
        line,
      );
      return;
    }
    this.#isExact = false;
    this.log.add(
      'runtime-differs',
      `${name} ${printable(range)} is asked for, ${version ?? ''} will be used.`,
      file,
      line,
    );
  }

  /**
   * Reads a package file with the reader of its format.
   *
   * @throws ArchiveError RECIPE_INVALID when it is broken or of another format, RECIPE_REFUSED when it holds secrets
   */
  read(path: string, format: string): EnvironmentSpec {
    const file = this.tree.get(path);
    if (file === null) throw recipeInvalid(path, null, 'The file is missing.');
    const reading = readEnvironmentFile(file.bytes, path);
    if (reading.outcome === 'not-understood') throw recipeInvalid(path, reading.problem.line, reading.problem.message);
    if (reading.format !== format)
      throw recipeInvalid(path, null, `The file is of the format ${reading.format}, not ${format}.`);
    const [secret] = reading.spec.secrets;
    if (secret !== undefined) throw recipeRefused(path, secret.line, 'The line holds what looks like a secret.');
    return reading.spec;
  }

  /** Files that an order of precedence leaves aside are named: nothing is dropped silently. */
  ignore(path: string | null, why: string): void {
    if (path !== null) this.log.add('file-ignored', `The file is not used: ${why}.`, path);
  }

  build(kind: PlanKind): GeneratedPlan {
    return {
      origin: 'generated',
      kind,
      files: this.tree.files,
      toolchain: this.options.toolchain ?? 'apt',
      toolchains: [...this.#toolchains].sort(),
      aptPackages: [...this.#aptPackages].sort(),
      steps: this.steps,
      warnings: this.log.all,
      isExact: this.#isExact,
    };
  }
}

function printable(range: string): string {
  return range.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
}
