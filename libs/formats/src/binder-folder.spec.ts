import { describe, expect, it } from 'vitest';
import { binderFolder } from './binder-folder.js';

const remarks = (...paths: string[]) => {
  const { remarkOn } = binderFolder(paths);
  return paths.filter((path) => remarkOn(path) !== null);
};

describe('formats/binder-folder', () => {
  it.each([
    [['binder/environment.yml', 'environment.yml'], 'binder/', false],
    [['.binder/apt.txt'], '.binder/', false],
    [['environment.yml', 'docs/binder/apt.txt', 'binder'], '', false],
    [['binder/apt.txt', '.binder/notes.md'], 'binder/', true],
  ])('finds the folder of %j', (paths, folder, isAmbiguous) => {
    expect(binderFolder(paths)).toMatchObject({ folder, isAmbiguous });
  });

  it('says that configuration of the root does not count beside a folder', () => {
    expect(remarks('binder/environment.yml', 'requirements.txt', 'data/requirements.txt', 'package.json')).toEqual([
      'requirements.txt',
    ]);
  });

  it('says that a Dockerfile in the folder stands before the rest of it', () => {
    expect(remarks('.binder/Dockerfile', '.binder/apt.txt', '.binder/notes.md', 'apt.txt')).toEqual([
      '.binder/apt.txt',
      'apt.txt',
    ]);
  });

  it('says that nothing is built where both folders are', () => {
    expect(binderFolder(['binder/apt.txt', '.binder/apt.txt']).remarkOn('.binder/apt.txt')).toBe(
      'Binder refuses the deposit: there may be binder/ or .binder/, not both.',
    );
  });

  it('says nothing where no such folder is', () => {
    expect(remarks('Dockerfile', 'requirements.txt')).toEqual([]);
  });
});
