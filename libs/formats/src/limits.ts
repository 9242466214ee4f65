const KiB = 1024;
const MiB = 1024 * KiB;

/** Bounds of what is read from one deposited file. A file beyond them is kept, and said to be too large to read. */
export const limits = {
  /** bytes of one file */
  fileBytes: 16 * MiB,
  /** characters of a YAML document: the worst text of this length keeps its parser busy for most of a second */
  yamlCharacters: 256 * KiB,
  /** characters of a lock file in YAML: what programs write is read in one pass */
  lockCharacters: 8 * MiB,
  /** values of a lock file in YAML */
  yamlNodes: 600_000,
  /** characters of one line, in formats that are read line by line */
  lineCharacters: 64 * KiB,
  /** characters of a program that is searched for literal names */
  programCharacters: MiB,
  /** lines of a file that is read line by line */
  lines: 250_000,
  /** characters of a TOML document: escapes, which are put together one by one, cost the most */
  tomlCharacters: 8 * MiB,
  /** keys and tables of a TOML document: each costs its parser some hundred bytes */
  tomlTables: 400_000,
  /** characters of what stands once in a file and comes again with each package, as the address of an index */
  repeatedCharacters: 500,
  /** levels of objects and arrays in JSON, TOML and YAML */
  nesting: 64,
  /** packages of one file */
  packages: 200_000,
} as const;
