import { describe, expect, it } from 'vitest';
import { listingOf, member } from '../__fixtures__/test-image.js';

const runtimes = async (path: string, text: string): Promise<string[]> => {
  const { runtimes: found } = await listingOf([[member(path, text)]]);
  return found.map(({ name, version }) => `${name} ${version}`);
};

describe('comparison/images/packages/facts', () => {
  it.each([
    [
      'usr/local/include/python3.12/patchlevel.h',
      '#define PY_VERSION              "3.12.1rc1"\n',
      ['python 3.12.1rc1'],
    ],
    [
      'usr/local/include/node/node_version.h',
      '#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 11\n#define NODE_PATCH_VERSION 1\n',
      ['node 20.11.1'],
    ],
    [
      'root/.cache/node-gyp/18.0.0/include/node/node_version.h',
      '#define NODE_MAJOR_VERSION 18\n#define NODE_MINOR_VERSION 0\n#define NODE_PATCH_VERSION 0\n',
      [],
    ],
    ['opt/julia/include/julia/julia_version.h', '#define JULIA_VERSION_STRING "1.10.2"\n', ['julia 1.10.2']],
    ['usr/local/go/VERSION', 'go1.22.1\ntime 2024-02-29T18:18:48Z\n', ['go 1.22.1']],
    ['opt/java/openjdk/release', 'IMPLEMENTOR="X"\nJAVA_VERSION="17.0.10"\n', ['java 17.0.10']],
    ['usr/lib/jvm/java-17-openjdk-amd64/release', 'JAVA_VERSION="17.0.9"\n', ['java 17.0.9']],
    [
      'usr/local/cuda-12.2/version.json',
      '{"cuda":{"name":"CUDA SDK","version":"12.2.20230823"},"cuda_cudart":{"version":"12.2.140"}}',
      ['cuda 12.2.20230823'],
    ],
    ['usr/local/cuda/version.txt', 'CUDA Version 10.2.89\n', ['cuda 10.2.89']],
    ['usr/local/cuda/version.json', '{"cuda":{"version":12}}', []],
    ['usr/local/cuda/version.json', '{"cuda":', []],
    ['srv/cuda/version.json', '{"cuda":{"version":"12.2"}}', []],
    ['usr/local/include/python3.12/patchlevel.h', '#define PY_VERSION "$(rm -rf)"\n', []],
    ['srv/app/VERSION', '1.2.3\n', []],
  ])('reads which interpreter %s belongs to', async (path, text, expected) => {
    expect(await runtimes(path, text)).toEqual(expected);
  });

  it('reads the system from os-release, whichever place it stands in', async () => {
    const text = `NAME='Alpine Linux'\nID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine \\"Linux\\" v3.19"\n`;

    expect((await listingOf([[member('usr/lib/os-release', text)]])).systems).toEqual([
      { id: 'alpine', versionId: '3.19.1', name: 'Alpine "Linux" v3.19', path: 'usr/lib/os-release' },
    ]);
  });

  it('forgets what an upper layer replaced', async () => {
    const { systems } = await listingOf([
      [member('etc/os-release', 'ID=debian\nVERSION_ID="11"\n')],
      [member('etc/os-release', 'ID=debian\nVERSION_ID="12"\n')],
    ]);

    expect(systems.map(({ versionId }) => versionId)).toEqual(['12']);
  });

  it('says nothing of a system without a name', async () => {
    expect((await listingOf([[member('etc/os-release', 'ID="De bian"\n')]])).systems).toEqual([]);
  });
});
