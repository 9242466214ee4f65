import { homedir } from 'node:os';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { readCliSettings } from './cli-settings.js';

describe('config/cli-settings', () => {
  it('leaves everything open when nothing is set', () => {
    expect(readCliSettings({})).toEqual({
      serverUrl: null,
      token: null,
      configDirectory: path.join(homedir(), '.config', 'envarium'),
    });
  });

  it('takes an absolute XDG_CONFIG_HOME and ignores a relative one', () => {
    expect(readCliSettings({ XDG_CONFIG_HOME: '/srv/config' }).configDirectory).toBe('/srv/config/envarium');
    expect(readCliSettings({ XDG_CONFIG_HOME: 'config' }).configDirectory).toBe(
      path.join(homedir(), '.config', 'envarium'),
    );
  });

  it('names every bad variable at once', () => {
    const variables = { ENVARIUM_URL: 'ftp://example.org', ENVARIUM_TOKEN: 'a b' };

    expect(() => readCliSettings(variables)).toThrow(ArchiveError);
    try {
      readCliSettings(variables);
    } catch (error) {
      expect(String((error as ArchiveError).detail['problems'])).toMatch(/ENVARIUM_URL.*ENVARIUM_TOKEN/);
    }
  });
});
