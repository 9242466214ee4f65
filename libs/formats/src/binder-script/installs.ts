import { parseMatchSpec } from '../conda-environment/match-spec.js';
import { parseRequirement } from '../pip-requirements/requirement.js';
import { normalizePypiName } from '../purl.js';
import type { Command } from './commands.js';

export interface LiteralName {
  readonly ecosystem: 'pypi' | 'conda' | 'npm' | 'deb';
  readonly name: string;
  readonly normalizedName: string;
  readonly specifier: string | null;
}

interface Installer {
  readonly ecosystem: LiteralName['ecosystem'];
  readonly command: RegExp;
  /** options that take a word */
  readonly valued: RegExp;
}

const INSTALLERS: readonly Installer[] = [
  {
    ecosystem: 'pypi',
    command: /^(?:\S*\/)?(?:pip[\d.]*|(?:python[\d.]*) -m pip|uv pip) install$/,
    valued:
      /^(?:-[rceift]|--(?:requirement|constraint|editable|index-url|extra-index-url|find-links|target|prefix|root|python|platform|no-binary|only-binary|trusted-host|timeout|cache-dir))$/,
  },
  {
    ecosystem: 'conda',
    command: /^(?:\S*\/)?(?:conda|mamba|micromamba) install$/,
    valued: /^(?:-[cnpf]|--(?:channel|name|prefix|file|solver|revision))$/,
  },
  {
    ecosystem: 'npm',
    command: /^(?:npm (?:install|i|add)|(?:jupyter|jupyter-)? ?labextension install)$/,
    valued: /^--(?:prefix|registry|app-dir|minimize)$/,
  },
  {
    ecosystem: 'deb',
    command: /^(?:apt|apt-get) install$/,
    valued: /^(?:-[tco]|--(?:target-release|option|config-file))$/,
  },
];
const NPM = /^(?<name>(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(?:@(?<range>[^/:]+))?$/;
const DEB = /^(?<name>[a-z0-9][a-z0-9+.-]*[a-z0-9+.])(?<range>[=/].+)?$/;
/** What the shell would put something in place of. */
const EXPANDED = /[$`*?~{}<>]/;

/** The packages that a command names by literal words; files, addresses and what the shell works out are none. */
export function literalNames({ words }: Command): LiteralName[] {
  for (const { ecosystem, command, valued } of INSTALLERS) {
    const verb = words.findIndex((word, index) => index < 4 && /^(?:install|i|add)$/.test(word));
    if (verb === -1 || !command.test(words.slice(0, verb + 1).join(' '))) continue;
    const names: LiteralName[] = [];
    for (let index = verb + 1; index < words.length; index += 1) {
      const word = words[index] ?? '';
      if (word.startsWith('-')) {
        if (valued.test(word)) index += 1;
        continue;
      }
      const name = EXPANDED.test(word.replace(/[<>]=?/g, '')) ? null : parseName(ecosystem, word);
      if (name !== null) names.push(name);
    }
    return names;
  }
  return [];
}

function parseName(ecosystem: LiteralName['ecosystem'], word: string): LiteralName | null {
  if (ecosystem === 'pypi') {
    const requirement = parseRequirement(word);
    if (requirement === null || requirement.url !== null || word.endsWith('.whl')) return null;
    const { name, specifier } = requirement;
    return { ecosystem, name, normalizedName: normalizePypiName(name), specifier };
  }
  if (ecosystem === 'conda') {
    const match = /[/\\]/.test(word) ? null : parseMatchSpec(word);
    if (match === null) return null;
    return { ecosystem, name: match.name, normalizedName: match.name.toLowerCase(), specifier: match.specifier };
  }
  const { name, range = null } = (ecosystem === 'npm' ? NPM : DEB).exec(word)?.groups ?? {};
  return name === undefined ? null : { ecosystem, name, normalizedName: name, specifier: range };
}
