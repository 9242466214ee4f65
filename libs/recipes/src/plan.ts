import type { RecipeWarning } from '@envarium/schema';
import type { DockerfileReading } from './dockerfile/reading.js';
import type { RecipeFile } from './recipe-file.js';
import type { Toolchain, ToolchainName } from './toolchains.js';

export interface FindOptions {
  /** where compilers and interpreters come from: packages of Debian bookworm, or the base image has them already */
  readonly toolchain?: Toolchain;
  /** os/architecture of the image; `linux/amd64` when not given */
  readonly platform?: string;
  /** day (yyyy-mm-dd) of the R packages, where the deposit names none; only its deposit's date would be no guess */
  readonly date?: string;
}

/** Bytes that the recipe makes of a lock file, for an installer that cannot read the lock itself. */
export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
  /** it names every package that is needed, and not only those that the deposit asks for */
  readonly isComplete: boolean;
}

/**
 * One thing that is done, in the words of the ecosystem. `file` and `files` are paths inside the deposit. A step that needs
 * the sources runs after they are copied; the others run before, so that the layers are the same when only a script changes.
 */
export type Step =
  | { readonly kind: 'conda-explicit'; readonly file: string; readonly files: readonly string[] }
  | { readonly kind: 'conda-environment'; readonly file: string; readonly files: readonly string[] }
  | {
      readonly kind: 'pip';
      readonly file: string;
      readonly files: readonly string[];
      readonly generated: GeneratedFile | null;
      readonly hasHashes: boolean;
      readonly needsSource: boolean;
    }
  | { readonly kind: 'pip-project'; readonly withDependencies: boolean }
  | {
      readonly kind: 'npm';
      readonly files: readonly string[];
      readonly hasLock: boolean;
      readonly needsSource: boolean;
    }
  | { readonly kind: 'renv'; readonly file: string; readonly date: string | null }
  | { readonly kind: 'r-description'; readonly date: string | null }
  | { readonly kind: 'r-script'; readonly file: string; readonly date: string | null }
  | { readonly kind: 'julia'; readonly folder: string }
  | { readonly kind: 'go'; readonly files: readonly string[]; readonly hasMain: boolean; readonly needsSource: boolean }
  | { readonly kind: 'cargo'; readonly hasLock: boolean }
  | { readonly kind: 'post-build'; readonly file: string }
  | { readonly kind: 'start'; readonly file: string };

export interface DepositedPlan {
  readonly origin: 'deposited';
  /** path inside the deposit */
  readonly file: string;
  readonly reading: DockerfileReading;
  /** what the builder is given: the deposit without what its `.dockerignore` names */
  readonly context: readonly RecipeFile[];
  readonly warnings: readonly RecipeWarning[];
  readonly isExact: true;
}

export interface GeneratedPlan {
  readonly origin: 'generated';
  /** what decided: the first of the order of precedence that was found */
  readonly kind: PlanKind;
  readonly files: readonly RecipeFile[];
  readonly toolchain: Toolchain;
  readonly toolchains: readonly ToolchainName[];
  /** names from apt.txt, sorted */
  readonly aptPackages: readonly string[];
  readonly steps: readonly Step[];
  readonly warnings: readonly RecipeWarning[];
  /** false when an interpreter of another version than the one that was asked for would be used */
  readonly isExact: boolean;
}

export type PlanKind = 'julia' | 'r' | 'conda' | 'pipfile' | 'python' | 'native' | 'apt';

export type RecipePlan = DepositedPlan | GeneratedPlan;
