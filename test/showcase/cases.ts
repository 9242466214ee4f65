/** One real input: a folder to deposit, what is run in it, and what that makes. */
export interface ShowcaseCase {
  readonly name: string;
  readonly title: string;
  /** Name in __fixtures__. */
  readonly folder: string;
  readonly command: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export const CASES: readonly ShowcaseCase[] = [
  {
    name: 'apt',
    title: 'Debian packages, by apt',
    folder: 'apt',
    command: 'sh table.sh',
    inputs: ['table.sh'],
    outputs: ['table.csv'],
  },
  {
    name: 'python',
    title: 'Python with hashed requirements: numpy, scipy, pandas, matplotlib',
    folder: 'python',
    command: 'python3 figure.py',
    inputs: ['figure.py'],
    outputs: ['figure3.svg', 'fit.csv'],
  },
  {
    name: 'npm',
    title: 'npm with a package-lock',
    folder: 'npm',
    command: 'node figure.cjs',
    inputs: ['figure.cjs'],
    outputs: ['figure1.svg'],
  },
  {
    name: 'r',
    title: 'R from Debian packages',
    folder: 'r',
    command: 'Rscript model.R',
    inputs: ['model.R'],
    outputs: ['model.csv'],
  },
  {
    name: 'go',
    title: 'a Go program with a module from the proxy',
    folder: 'go',
    command: 'spectrum',
    inputs: [],
    outputs: ['spectrum.csv'],
  },
  {
    name: 'binder',
    title: 'a Binder folder: requirements.txt, apt.txt, runtime.txt, postBuild',
    folder: 'binder',
    command: 'python3 degrees.py',
    inputs: ['degrees.py'],
    outputs: ['degrees.csv', 'degrees.svg'],
  },
  {
    name: 'lua-old',
    title: 'the ratio of an old interpreter (Lua 5.1)',
    folder: 'lua-5.1',
    command: 'lua5.1 ratio.lua',
    inputs: ['ratio.lua'],
    outputs: ['ratio.txt'],
  },
  {
    name: 'lua-new',
    title: 'the same ratio with a newer one (Lua 5.3)',
    folder: 'lua-5.3',
    command: 'lua5.3 ratio.lua',
    inputs: ['ratio.lua'],
    outputs: ['ratio.txt'],
  },
];
