import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { captureContextFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/capture-context.json', import.meta.url), 'utf8');
const read = (content: string) => captureContextFormat.extract(content);

describe('formats/capture-context/extract', () => {
  it('says where which files were taken, and nothing of packages', () => {
    const spec = read(fixture);

    expect(spec?.capture).toEqual({
      container: { engine: 'podman', image: 'registry.example.org/lab/eeg:1' },
      reports: ['os-release', 'uname.txt', 'pip-requirements.txt'],
      line: 3,
    });
    expect(spec).toMatchObject({ packages: [], runtimes: [], variables: [], problems: [] });
  });

  it('knows a machine without a container', () => {
    expect(read('{"schema":"envarium-capture-context/1","container":null,"reports":[]}')?.capture).toEqual({
      container: null,
      reports: [],
      line: 1,
    });
  });

  it.each([
    ['a container without a name', '{"schema":"envarium-capture-context/1","container":{},"reports":[]}', 'container'],
    ['a path', '{"schema":"envarium-capture-context/1","container":null,"reports":["a/b"]}', 'reports'],
    ['no list', '{"schema":"envarium-capture-context/1","container":null}', 'reports'],
  ])('refuses %s', (_, content, member) => {
    expect(() => read(content)).toThrow(`"${member}" is not as it should be.`);
  });

  it.each([
    ['another document', '{"schema":"other/1","a":"envarium-capture-context/1"}'],
    ['prose', '"envarium-capture-context/1"'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});
