import type { SpecPackage } from '@envarium/schema';
import { limits } from '../limits.js';
import type { ProblemLog } from '../problem-log.js';
import { headOf, type Datum, type ListDatum } from '../s-expression.js';
import { specPackage } from '../spec.js';

/** NAME[@VERSION][:OUTPUT], https://guix.gnu.org/manual/en/html_node/Invoking-guix-package.html */
const SPECIFICATION = /^([A-Za-z0-9][^\s@:"]*)(?:@([^\s:@"]+))?(?::([a-z][\w-]*))?$/;
/** Definitions may name each other, and lists of lists grow. */
const MOST_LOOK_UPS = 100;

/** Collects the packages that a manifest names in strings. Scheme variables stay unknown, but for lists defined at the top. */
export class SpecificationReader {
  readonly packages: SpecPackage[] = [];
  readonly #definitions = new Map<string, Datum | null>();
  readonly #problems: ProblemLog;
  #lookUps = 0;

  constructor(program: readonly Datum[], problems: ProblemLog) {
    this.#problems = problems;
    for (const form of program) {
      const [, name, value] = form.kind === 'list' && headOf(form) === 'define' ? form.items : [];
      if (name?.kind !== 'symbol' || value === undefined) continue;
      // What is defined twice may be either.
      this.#definitions.set(name.text, this.#definitions.has(name.text) ? null : value);
    }
  }

  readForm(form: ListDatum): void {
    const [, first, second] = form.items;
    switch (headOf(form)) {
      case 'specifications->manifest':
        return this.#readList(first, form.line);
      case 'specification->package':
      case 'specification->package+output':
        return this.#readItem(first, form.line);
      case 'packages->manifest':
        return this.#notePackageVariables(first, form.line);
      case 'package->development-manifest':
        return this.#report(
          'The manifest takes what a package is built with, which the file does not name.',
          form.line,
        );
      case 'map':
        if (first !== undefined && mentions(first, /^specification->package/)) this.#readList(second, form.line);
    }
  }

  /** `(list "a" "b")`, `'("a" "b")`, `(append ...)` of such, or the name of one. */
  #readList(datum: Datum | undefined, line: number): void {
    const head = datum === undefined ? null : headOf(datum);
    if (datum?.kind === 'symbol' && this.#lookUps < MOST_LOOK_UPS) {
      this.#lookUps += 1;
      const definition = this.#definitions.get(datum.text) ?? null;
      if (definition !== null) return this.#readList(definition, line);
    }
    if (datum?.kind !== 'list') return this.#report('A list of packages is known only to the program.', line);
    if (head === 'list') for (const item of datum.items.slice(1)) this.#readItem(item, item.line);
    else if (head === 'quote' || head === 'quasiquote') this.#readQuoted(datum.items[1]);
    else if (head === 'append') for (const item of datum.items.slice(1)) this.#readList(item, item.line);
    else if (head === 'cons' || head === 'cons*') this.#readCons(datum);
    else this.#report('A list of packages is known only to the program.', datum.line);
  }

  #readQuoted(datum: Datum | undefined): void {
    if (datum?.kind === 'list') for (const item of datum.items) this.#readItem(item, item.line);
  }

  #readCons({ items, line }: ListDatum): void {
    for (const item of items.slice(1, -1)) this.#readItem(item, item.line);
    this.#readList(items.at(-1), line);
  }

  #readItem(datum: Datum | undefined, line: number): void {
    if (this.packages.length > limits.packages) return;
    const match = datum?.kind === 'string' ? SPECIFICATION.exec(datum.text) : null;
    const [, name, version, output] = match ?? [];
    if (name === undefined) {
      const isText = datum?.kind === 'string';
      if (isText) this.#problems.add({ reason: 'name-invalid', message: 'The text names no package.', line });
      else if (datum === undefined || !mentions(datum, /^specification->package/)) {
        this.#report('A package is known only to the program.', line);
      }
      return;
    }
    this.packages.push(
      specPackage({
        ecosystem: 'guix',
        name,
        // `python@3` is the newest 3 of the channels.
        specifier: version === undefined ? null : `@${version}`,
        build: output ?? null,
        standing: 'declared',
        line: datum?.line ?? line,
        skipReason: version === undefined ? 'no-version' : 'version-range',
      }),
    );
  }

  /** Variables of package modules mostly, but not always, have the name of their package. */
  #notePackageVariables(datum: Datum | undefined, line: number): void {
    const items = datum?.kind === 'list' && headOf(datum) === 'list' ? datum.items.slice(1) : [];
    for (const item of items) {
      const variable = item.kind === 'list' && headOf(item) === 'list' ? item.items[1] : item;
      if (variable?.kind === 'symbol') {
        this.#report(`A package stands under the variable ${variable.text}, whose name may be another.`, variable.line);
      }
    }
    const isList = datum !== undefined && ['list', 'map'].includes(headOf(datum) ?? '');
    if (!isList) this.#report('A list of packages is known only to the program.', line);
  }

  #report(message: string, line: number): void {
    this.#problems.add({ reason: 'dynamic-value', message, line });
  }
}

/** Whether a symbol of this name stands in it, at any depth. */
function mentions(datum: Datum, name: RegExp): boolean {
  if (datum.kind === 'list') return datum.items.some((item) => mentions(item, name));
  return datum.kind === 'symbol' && name.test(datum.text);
}
