import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vagrantfileFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/Vagrantfile', import.meta.url), 'utf8');
const read = (content: string) => vagrantfileFormat.extract(content);

describe('formats/vagrantfile/extract', () => {
  it('gives boxes that are written out, with a version that is exact', () => {
    const spec = read(fixture);

    expect(spec?.baseImages).toEqual([
      { reference: 'vagrant://lab/bookworm64@12.20240212.1', digest: null, platform: null, stage: null, line: 5 },
      { reference: 'vagrant://lab/db', digest: null, platform: null, stage: null, line: 9 },
    ]);
    expect(spec?.sources).toEqual(['https://boxes.example.org/bookworm64.json']);
  });

  it('makes no packages of the program, and says what it does not read', () => {
    const spec = read(fixture);

    expect(spec?.packages).toEqual([]);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['version-range', 10],
      ['dynamic-value', 13],
      ['dynamic-value', 4],
    ]);
  });

  it('reports secrets by line and never repeats them', () => {
    const spec = read(fixture);

    expect(spec?.secrets).toEqual([
      { kind: 'url-credentials', line: 7 },
      { kind: 'password-variable', line: 17 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/s3cret|hunter22/);
  });

  it.each([
    ["Vagrant.configure('2') { |c| c.vm.box = 'a' }", []],
    ['Vagrant::Config.run do |config|\n  config.vm.box = "a"\nend\n', ['vagrant://a']],
    ['Vagrant.configure(2) do |c|\n', null],
    ['Vagrant.configure("2") do |c|\n  c.vm.box = "a-#{x}"\n', []],
    ['Vagrant.configure("2") do |c|\n  c.vm.box = "a" if x\n', []],
  ])('reads %j', (content, references) => {
    expect(read(content)?.baseImages.map(({ reference }) => reference) ?? null).toEqual(references);
  });

  it.each(['puts "Vagrant.configure"\n', 'FROM debian\n', ''])('leaves %j to other formats', (content) => {
    expect(read(content)).toBeNull();
  });
});
