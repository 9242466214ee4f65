import { describe, expect, it } from 'vitest';
import { describeConfigDifferences, runConfigDigest, runConfigOf } from './run-config.js';

const of = (config: Record<string, unknown> | null, more: object = {}) =>
  runConfigOf({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, config, ...more });

describe('comparison/images/run-config', () => {
  it('has one spelling for what is not set', () => {
    const empty = of({ Env: null, Entrypoint: [], Cmd: null, User: '', WorkingDir: '/', Volumes: {} });

    expect(empty).toEqual(of(null));
    expect(empty).toEqual(of({ Labels: { any: 'label' } }));
    expect(runConfigDigest(empty)).toBe(runConfigDigest(of(null)));
  });

  it('takes variables in any order, and the last of two', () => {
    expect(of({ Env: ['B=2', 'A=1', 'B=3=4'] }).env).toEqual([
      ['A', '1'],
      ['B', '3=4'],
    ]);
    expect(of({ Env: ['A'] }).env).toEqual([['A', '']]);
  });

  it.each([
    ['Entrypoint', ['sh']],
    ['Cmd', ['a b']],
    ['User', '1000'],
    ['WorkingDir', '/srv'],
    ['Volumes', { '/data': {} }],
    ['Env', ['A=1']],
  ])('tells apart images of another %s', (key, value) => {
    expect(runConfigDigest(of({ [key]: value }))).not.toBe(runConfigDigest(of(null)));
    expect(describeConfigDifferences(of(null), of({ [key]: value }))).toHaveLength(1);
  });

  it('says no more than a person reads', () => {
    const Env = Array.from({ length: 103 }, (_, i) => `V${i}=x`);

    expect(describeConfigDifferences(of(null), of({ Env })).slice(-2)).toEqual([
      expect.stringContaining('the variable V'),
      'and 3 more',
    ]);
  });

  it('tells apart architectures, and cuts what is long', () => {
    expect(describeConfigDifferences(of(null), of(null, { architecture: 'arm64', variant: 'v8' }))).toEqual([
      'the architecture was "amd64" and is "arm64"',
      'the variant of the architecture was not set and is "v8"',
    ]);
    expect(describeConfigDifferences(of(null), of({ Env: [`A=${'x'.repeat(1000)}`] }))).toEqual([
      `the variable A was not set and is "${'x'.repeat(200)}…"`,
    ]);
  });
});
