import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { HardwareSource } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { HARDWARE_FORMATS } from './formats.js';
import { readHardwareReport } from './read-report.js';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted((a, b) => a.localeCompare(b));

describe('hardware/formats', () => {
  it('lists every folder once', () => {
    expect(HARDWARE_FORMATS.map(({ id }) => id).toSorted((a, b) => a.localeCompare(b))).toEqual(folders);
  });

  it('has a format for every source of the schema but the running process', () => {
    expect(HardwareSource.options.filter((source) => source !== 'node-os').toSorted()).toEqual(folders);
  });

  describe.each(HARDWARE_FORMATS)('$id', ({ id, name, url, patterns }) => {
    const folder = `${import.meta.dirname}/${id}`;
    const fixtures = readdirSync(`${folder}/__fixtures__`, { withFileTypes: true }).filter((entry) => entry.isFile());

    it('has a readme that begins with its name, a specification and a spec', () => {
      expect(readFileSync(`${folder}/readme.md`, 'utf8').startsWith(`# ${name}\n`)).toBe(true);
      expect(URL.canParse(url)).toBe(true);
      expect(existsSync(`${folder}/extract.spec.ts`)).toBe(true);
    });

    it('knows its usual file name, which is no other format', () => {
      const names = [
        'lscpu',
        'lscpu.txt',
        'lscpu.json',
        'cpuinfo',
        'cpuinfo.txt',
        'nvidia-smi.xml',
        'nvidia-smi.txt',
      ].concat(['nvidia-smi-q.txt', 'lshw.json', 'hwloc.xml', 'lstopo.xml', 'sysctl.txt', 'cpuid.txt']);
      const known = names.filter((fileName) => patterns.some((pattern) => pattern.test(fileName)));

      expect(known.length).toBeGreaterThan(0);
      for (const fileName of known) {
        const taking = HARDWARE_FORMATS.filter((format) => format.patterns.some((pattern) => pattern.test(fileName)));
        expect(taking.map((format) => format.id)).toEqual([id]);
      }
    });

    it.each(fixtures.map((fixture) => fixture.name))('alone takes its fixture %s', (fixture) => {
      const content = readFileSync(`${folder}/__fixtures__/${fixture}`, 'utf8');
      const taking = HARDWARE_FORMATS.filter(({ extract }) => {
        try {
          return extract(content, 'report') !== null;
        } catch {
          return true;
        }
      });

      expect(taking.map((format) => format.id)).toEqual([id]);
      expect(readHardwareReport(Buffer.from(content), 'report')).toMatchObject(
        /german|chinese/.test(fixture) ? { outcome: 'not-understood' } : { outcome: 'understood', format: id },
      );
    });
  });
});
