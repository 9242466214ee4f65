import type { RecipeWarning } from '@envarium/schema';

/** Codes are stable: pages and programs tell by them. The README lists what each one means. */
export type WarningCode =
  | 'mutable-base'
  | 'foreign-platform'
  | 'argument-without-value'
  | 'git-source'
  | 'cache-mount'
  | 'unpinned-package'
  | 'hash-missing'
  | 'mutable-repository'
  | 'runtime-differs'
  | 'runtime-not-checked'
  | 'file-ignored'
  | 'not-understood';

/** Above this, one warning with a count says it as well. */
const MOST_LINES = 20;

interface Unpinned {
  readonly name: string;
  readonly line: number | null;
}

export class WarningLog {
  readonly #warnings: RecipeWarning[] = [];

  get all(): readonly RecipeWarning[] {
    return this.#warnings;
  }

  add(code: WarningCode, message: string, file: string | null = null, line: number | null = null): void {
    this.#warnings.push({ code, message, file, line });
  }

  /** One warning for each package, or one for the file when there are many. */
  addPackages(code: WarningCode, packages: readonly Unpinned[], why: string, file: string): void {
    if (packages.length > MOST_LINES) {
      this.add(code, `${packages.length} packages: ${why}.`, file);
      return;
    }
    for (const { name, line } of packages) this.add(code, `${name}: ${why}.`, file, line);
  }
}
