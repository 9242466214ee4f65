import { describe, expect, it } from 'vitest';
import { JULIA_DEPOT, JULIA_MANIFEST } from './julia.js';

const UUID = 'a93c6f00-e57d-5684-b7b6-d8193f3e46c0';
const read = (text: string) => JULIA_MANIFEST.read(Buffer.from(text));

describe('comparison/images/packages/julia', () => {
  it.each([
    ['1.0', `[[DataFrames]]\ndeps = ["Compat"]\ngit-tree-sha1 = "x"\nuuid = "${UUID}"\nversion = "1.6.1"\n`],
    [
      '2.0',
      `# This file is machine-generated - editing it directly is not advised\n\njulia_version = "1.9.4"\nmanifest_format = "2.0"\n\n[[deps.DataFrames]]\ndeps = ["Compat"]\nuuid = "${UUID}"\nversion = "1.6.1"\n\n    [deps.DataFrames.weakdeps]\n    version = "none"\n`,
    ],
  ])('reads a manifest of format %s', (_, text) => {
    expect(read(text)).toEqual([
      { ecosystem: 'julia', name: 'DataFrames', version: '1.6.1', qualifiers: { uuid: UUID } },
    ]);
  });

  it('has no version for what belongs to Julia itself', () => {
    expect(read(`[[deps.Dates]]\nuuid = "ade2ca70-3891-5945-98fb-dc099432e06a"\n`)).toEqual([]);
  });

  it('does not understand a package without a valid UUID', () => {
    expect(read('[[deps.A]]\nuuid = "none"\nversion = "1.0.0"\n')).toBeNull();
  });

  it('reads the top of a project of the depot only', () => {
    const project = `name = "JSON" # a name\nuuid = "${UUID}"\nversion = "0.21.4"\n\n[deps]\nversion = "9"\n`;

    expect(JULIA_DEPOT.read(Buffer.from(project))).toEqual([
      { ecosystem: 'julia', name: 'JSON', version: '0.21.4', qualifiers: { uuid: UUID } },
    ]);
  });

  it.each([
    ['root/.julia/packages/JSON/93Ea8/Project.toml', true],
    ['opt/julia/packages/JSON/93Ea8/JuliaProject.toml', true],
    ['srv/packages/tool/Project.toml', false],
  ])('takes %s for a package of the depot: %s', (path, expected) => {
    expect(JULIA_DEPOT.pattern.test(path)).toBe(expected);
  });
});
