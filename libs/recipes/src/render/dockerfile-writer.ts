import { recipeInvalid } from '../refusal.js';

/** Writes instructions in the order in which they are given. */
export class DockerfileWriter {
  readonly #lines: string[] = [];

  line(text: string): void {
    this.#lines.push(text);
  }

  /** An empty line and a comment. */
  part(title: string): void {
    this.#lines.push('', `# ${title}`);
  }

  /** @param sources paths inside the context; words as they are, so that names with blanks hold together */
  copy(sources: readonly string[], destination: string, owner: string | null = null): void {
    const words = [...sources, destination].map((word) => JSON.stringify(literal(word)));
    this.#lines.push(`COPY ${owner === null ? '' : `--chown=${owner} `}[${words.join(', ')}]`);
  }

  /** One RUN that ends at the first command that fails. */
  run(commands: readonly string[]): void {
    this.#lines.push(`RUN ${['set -eu', ...commands].join('; \\\n    ')}`);
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** Builders read `$`, `*`, `?`, `[` in the sources of COPY; the files that are copied by name need none of them. */
function literal(path: string): string {
  if (/[$*?[\]\\]/.test(path)) throw recipeInvalid(path, null, 'A package file may have no $ * ? [ ] \\ in its name.');
  return path;
}

/** A word for the shell, whatever stands in it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
