import { describe, expect, it } from 'vitest';
import { CommandFailed } from '../failure.js';
import { parseImageArgument } from './image-argument.js';

const PATHS = ['eeg.tar', 'C:/images/eeg.tar', 'layout', 'with:colon.tar'];
const exists = (path: string) => PATHS.includes(path);

describe('cli/deposit/image-argument', () => {
  it.each([
    ['oci-archive:eeg.tar', { kind: 'oci-archive', path: 'eeg.tar', name: null }],
    ['oci-archive:eeg.tar:v1', { kind: 'oci-archive', path: 'eeg.tar', name: 'v1' }],
    [
      'docker-archive:eeg.tar:registry.example.org:5000/lab/eeg:v1',
      { kind: 'docker-archive', path: 'eeg.tar', name: 'registry.example.org:5000/lab/eeg:v1' },
    ],
    ['docker-archive:C:/images/eeg.tar:v1', { kind: 'docker-archive', path: 'C:/images/eeg.tar', name: 'v1' }],
    ['oci-archive:with:colon.tar', { kind: 'oci-archive', path: 'with:colon.tar', name: null }],
    ['oci:layout:v1', { kind: 'oci', path: 'layout', name: 'v1' }],
    ['dir:layout', { kind: 'dir', path: 'layout' }],
    ['registry:v1', { kind: 'registry', reference: 'v1' }],
    ['registry:sha256:abc', { kind: 'registry', reference: 'sha256:abc' }],
  ])('reads %s', (text, expected) => {
    expect(parseImageArgument(text, exists)).toEqual(expected);
  });

  it.each([
    'eeg.tar',
    'docker://lab/eeg',
    'oci-archive:',
    'registry:',
    'oci-archive:missing.tar',
    'oci::v1',
    'dir:layout:v1',
  ])('refuses %s', (text) => {
    expect(() => parseImageArgument(text, exists)).toThrow(CommandFailed);
  });
});
